"""Pictures of lab 2."""
