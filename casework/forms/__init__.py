"""A .form file becomes a page and a checked answer."""
