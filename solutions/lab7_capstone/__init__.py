"""Lab 7: the capstone."""
