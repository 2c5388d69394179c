"""Pictures of lab 4."""
