"""Typical inputs: every graded function has some, and they are what the grader and the detector take them for."""

import inspect
from typing import Any

import pytest
from torch import Generator, Tensor
from torch.utils._pytree import tree_map

from autograder.grader.exercise import answer
from autograder.labs import EXERCISES
from autograder.labs.lab4_roi_heads.inputs import sampled
from course import library
from course.checking.comparing import difference
from course.checking.modules import outputs
from course.checking.sampling import counts
from course.detector.into_torchvision.function_swaps import FUNCTION_SWAPS
from course.detector.into_torchvision.module_swaps import MODULE_SWAPS
from course.samples import SAMPLES

DRAWN = {"sample_labels": counts, "sample_rois": sampled()}  # what is sure about samples that are drawn at random


def sample(name: str, seed: int) -> Any:
    return SAMPLES[name](Generator().manual_seed(seed))


def text(sample: Any) -> str:
    return repr(tree_map(lambda leaf: leaf.tolist() if isinstance(leaf, Tensor) else leaf, sample))


def test_what_goes_into_torchvisions_detectors_has_samples() -> None:
    """They are what the smoke test tries a student's part on; other exercises may have some."""
    parts = {swap.part for swap in MODULE_SWAPS} | {name for swap in FUNCTION_SWAPS for name in swap.parts}
    assert parts <= set(SAMPLES) <= set(EXERCISES)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_seed_makes_the_sample(name: str) -> None:
    first, again, other = (text(sample(name, seed)) for seed in (0, 0, 1))
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", SAMPLES)
def test_reference_and_library_answer_alike(name: str) -> None:
    reference, ready_made = EXERCISES[name].reference, getattr(library, name)
    run = outputs if inspect.isclass(reference) else DRAWN.get(name, answer)
    for seed in range(10):
        wanted, came = (run(function, sample(name, seed)) for function in (ready_made, reference))
        found = difference(wanted, came, rtol=1e-4, atol=1e-4)
        assert not found, f"seed {seed}: {found.what}"
