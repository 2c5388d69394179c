"""Hints of lab 5's hidden cases that wrong answers must get too."""

ODD = (
    "It goes wrong where sizes don't halve exactly: enlarge to the size of the finer map, whatever that is, and copy "
    "each cell: F.interpolate(…, size=…, mode='nearest')."
)
MILLIONTH = (
    "Boxes that are a hair too small for a level go wrong. Sides are x2 - x1 and y2 - y1, with nothing added. The "
    "10⁻⁶ is added to the logarithm: it lifts boxes that rounding pushed a millionth below a level, and no others."
)

CONSTANT = (
    "Without ROIs your loss of 0 has no gradient, and backward() stops there: a sum over no cells is 0 and has a "
    "gradient, a new tensor has none."
)
