"""Hidden cases of lab 2."""
