"""Lab 5, feature pyramid and masks."""
