"""Lab 5: the feature pyramid, and masks."""
