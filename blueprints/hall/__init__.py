"""The hall: what every place uses. It leads to no place by itself, and imports none."""
