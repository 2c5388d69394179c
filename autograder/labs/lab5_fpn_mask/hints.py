"""Hints of lab 5's hidden cases that wrong answers must get too."""

ODD = (
    "Where sizes don't halve exactly it goes wrong: enlarge to the size of the finer map, whatever that is, each cell "
    "copied: F.interpolate(…, size=…, mode='nearest')."
)
MILLIONTH = (
    "Boxes that are a hair too small for a level go wrong: sides are x2 - x1 and y2 - y1, with nothing added, and 10⁻⁶ "
    "is added to the logarithm, which lifts what rounding pressed a millionth under a level and nothing else."
)

CONSTANT = (
    "Without ROIs your loss of 0 has no gradient, and backward() stops there: the sum over no cells is 0 and has one, "
    "a new tensor has none."
)
