"""What ``python -m autograder …`` does."""
