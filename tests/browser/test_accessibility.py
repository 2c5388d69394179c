"""axe-core, the accessibility checker, in a real JupyterLab: it finds nothing serious in what our widgets show."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from explorer_page import CELLS
from lab_page import NotebookPage

pytestmark = pytest.mark.browser

# JupyterLab's panels lie over each other in boxes without height, so that axe takes what is in them for hidden or
# covered and passes over its colours. For a while a copy of all outputs lies on a sheet of its own, nothing beside it.
LAY_OUT = """() => {
    const sheet = document.createElement('div');
    sheet.id = 'sheet';
    sheet.style.cssText = 'position: absolute; width: 1000px; background: var(--jp-layout-color0)';
    for (const output of document.querySelectorAll('.jp-Notebook .jp-OutputArea-output'))
        sheet.append(output.cloneNode(true));
    const others = [...document.body.children].map(part => [part, part.style.visibility]);
    others.forEach(([part]) => { part.style.visibility = 'hidden'; });
    document.body.style.overflow = 'visible';
    document.body.prepend(sheet);
    window.putBack = () => {
        sheet.remove();
        document.body.style.overflow = '';
        others.forEach(([part, visibility]) => { part.style.visibility = visibility; });
    };
}"""


@pytest.fixture
def sheet(explorers: NotebookPage) -> Iterator[NotebookPage]:
    """The page with a copy of its outputs on a sheet of their own while a test runs."""
    explorers.page.evaluate(LAY_OUT)
    yield explorers
    explorers.page.evaluate("putBack()")


def axe(view: NotebookPage) -> dict[str, list[dict]]:
    """What axe says of the sheet: lists of rules by result, each rule with its places."""
    return Axe().run(view.page, "#sheet", {}).response


def told(rules: list[dict]) -> list[str]:
    """A line for each rule and place."""
    return [f"{rule['id']} ({rule['impact']}): {place['html']}" for rule in rules for place in rule["nodes"]]


def test_axe_finds_nothing_serious_in_any_explorer(sheet: NotebookPage) -> None:
    found = axe(sheet)
    assert told([rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]) == []
    # It has looked: at every picture, and at the colours of at least a label and a caption each.
    places = {rule["id"]: len(rule["nodes"]) for rule in found["passes"]}
    assert places["image-alt"] == len(CELLS)
    assert places["aria-input-field-name"] == sheet.page.locator("#sheet [role=slider]").count() > len(CELLS)
    assert places["color-contrast"] > 2 * len(CELLS)
