"""Right answers of lab 7."""
