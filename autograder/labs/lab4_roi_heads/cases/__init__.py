"""Hidden cases of lab 4."""
