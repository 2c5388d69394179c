"""Pictures of lab 5."""
