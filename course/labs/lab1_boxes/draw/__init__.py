"""Pictures of lab 1."""
