"""Explorers are open to everybody: axe-core, the accessibility checker, finds nothing serious in a real JupyterLab."""

import axe
import pytest
from explorer_page import CELLS
from lab_page import NotebookPage

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_serious_in_any_explorer(explorers: NotebookPage) -> None:
    found = axe.judged(explorers.page)
    assert axe.serious(found) == []
    # It has looked: at every picture and slider, and at the colours of at least a label and a caption each.
    places = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    assert places["image-alt"] == explorers.figures.locator("img:first-child").count() == len(CELLS)
    assert places["aria-input-field-name"] == explorers.page.locator(".jp-Notebook [role=slider]").count() > len(CELLS)
    assert places["color-contrast"] > 2 * len(CELLS)
