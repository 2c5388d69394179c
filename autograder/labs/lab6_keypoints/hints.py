"""Hints of lab 6's hidden cases that wrong answers must get too."""

NONSENSE = (
    "Where valid is False the index may be no cell of the map, and the map may hold infinity or NaN: choose the rows "
    "that count before you do anything else, for 0 times NaN is NaN."
)
