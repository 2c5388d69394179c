"""Lab 3: the region proposal network."""
