"""Hints of lab 6's hidden cases that wrong answers must get too, or that several exercises give."""

NONSENSE = (
    "Where valid is False, the index may lie outside the map, and the map may hold infinity or NaN. Choose the rows "
    "that count before you do anything else: 0 times NaN is NaN."
)
SIZES = "Maps and ROIs come in all shapes: take sizes from the tensors, and keep height and width apart."
