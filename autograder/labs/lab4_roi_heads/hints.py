"""Hints of lab 4's hidden cases that wrong answers must get too, or that several exercises give."""

NEIGHBOURS = (
    "Each ROI is drawn as often as it should be, but always with the same few others, such as its neighbours in the "
    "list. Shuffle the objects and take the first ones; do the same with the background."
)
LEFT_OUT = (
    "Part of a long list is never drawn: shuffle all objects and all background, not only the first part of each."
)
WHICH_MAP = "Look at which image each ROI belongs to, at the order of the ROIs, and at which axis is x and which y."
