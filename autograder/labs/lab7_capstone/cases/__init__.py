"""Hidden cases of lab 7."""
