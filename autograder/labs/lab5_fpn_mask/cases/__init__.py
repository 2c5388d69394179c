"""Hidden cases of lab 5."""
