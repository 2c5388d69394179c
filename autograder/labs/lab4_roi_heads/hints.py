"""Hints of lab 4's hidden cases that wrong answers must get too, or that several exercises give."""

NEIGHBOURS = (
    "Each ROI comes as often as it should, but with few others, such as its neighbours in the list: shuffle the "
    "objects and take the first ones, and do the same with the background."
)
LEFT_OUT = "Of a long list a part is never drawn: shuffle all objects and all background, not the first so many."
WHICH_MAP = "Look at which image each ROI belongs to, at the order of the ROIs, and at which axis is x and which y."
