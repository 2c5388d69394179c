"""Lab 0: the tour."""
