"""One script for each measured claim of the README; each prints one JSON object as its last line."""
