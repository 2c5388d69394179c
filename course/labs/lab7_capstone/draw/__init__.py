"""Pictures of lab 7."""
