"""Lab 7, the capstone: average precision, a detector of one's own parts, the bug lab, one's own photo."""
