"""Hidden cases of lab 3."""
