"""Ready-made parts of lab 7."""
