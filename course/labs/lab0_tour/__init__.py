"""Lab 0, the tour: five tasks of vision, and a detector at work."""
