"""Typical inputs of every graded function: ``SAMPLES["box_iou"](generator)`` makes the arguments of one call.

For a module these are ``(arguments, weights, *inputs)``: what the class is made with, its weights by name, and what
goes through it. For a function that draws at random, the generator that it draws with is not among them. Equal seeds
make equal samples. Each lab keeps its own in ``course/labs/<lab>/samples.py``, found by scanning; only what has no
inputs of this kind (lab 7's detector and bug lab) has none.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from torch import Generator

from course import labs

SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    name: make
    for lab in iter_modules(labs.__path__, "course.labs.")
    for module in iter_modules(import_module(lab.name).__path__, f"{lab.name}.")
    if module.name.endswith(".samples")
    for name, make in import_module(module.name).SAMPLES.items()
}
