"""Wrong answers of lab 7."""
