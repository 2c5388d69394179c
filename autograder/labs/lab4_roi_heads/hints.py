"""Hints of lab 4's hidden cases that wrong answers must get too."""

NEIGHBOURS = (
    "Each ROI comes as often as it should, but with few others, such as its neighbours in the list: shuffle the "
    "objects and take the first ones, and do the same with the background."
)
LEFT_OUT = "Of a long list a part is never drawn: shuffle all objects and all background, not the first so many."
