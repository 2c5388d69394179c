"""Lab 5, feature pyramid and masks: hidden cases and answers."""
