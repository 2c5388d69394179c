"""Pictures of lab 0."""
