"""Pictures of lab 3."""
