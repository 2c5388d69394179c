"""What visible checks are made of: calling a student's function within limits, comparing, telling the difference."""
