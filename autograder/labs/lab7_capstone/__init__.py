"""Lab 7, the capstone: hidden cases and answers."""
