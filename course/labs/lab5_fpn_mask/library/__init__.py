"""Ready-made parts of lab 5."""
