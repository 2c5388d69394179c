"""Lab 1: boxes and intersection over union."""
