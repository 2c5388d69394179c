"""Pictures of lab 6."""
