"""axe-core, the accessibility checker, on what a notebook's cells show."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

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


def judged(page: Page) -> dict[str, list[dict]]:
    """What axe says of the outputs: lists of rules by result (``violations``, ``passes``), each with its places."""
    page.evaluate(LAY_OUT)
    try:
        return Axe().run(page, "#sheet", {}).response
    finally:
        page.evaluate("putBack()")


def serious(found: dict[str, list[dict]]) -> list[str]:
    """What keeps somebody out, and where: a line for each rule and place."""
    rules = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    return [f"{rule['id']} ({rule['help']}): {place['html']}" for rule in rules for place in rule["nodes"]]
