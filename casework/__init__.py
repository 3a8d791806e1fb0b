"""How the office's work is done: a module is a noun, its functions are its verbs."""
