"""The tolerance that lab 6's numbers need."""

import dataclasses
from typing import Any

from autograder.grader.exercise import Case

VALUES: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-4}  # float32, places of up to 320 pixels, sums over ten layers


def close(*cases: Case, double: bool = False) -> tuple[Case, ...]:
    """Standing cases with this lab's tolerance; with ``double`` in float64 as well, which otherwise keeps its own."""
    return tuple(
        dataclasses.replace(case, **VALUES) if double or "float64" not in case.title else case for case in cases
    )
