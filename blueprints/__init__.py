"""Where a visitor stands: one file a place, none imports another."""
