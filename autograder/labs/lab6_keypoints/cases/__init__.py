"""Hidden cases of lab 6."""
