"""JupyterLab as its users meet it: menus, toolbar, cells, dialogs."""

from playwright.sync_api import Locator, Page, expect

# A condition is waited for as long as a slow machine may need; what fails, fails by then and not by chance.
PATIENCE = 90_000
expect.set_options(timeout=PATIENCE)

# Which parts of a figure stick out of their output area, and by how many pixels; and which pictures are too small to
# read. A picture that would be too small scrolls in a place of its own, which must fit.
STICKS_OUT = """figures => figures.flatMap(figure => {
    const area = figure.closest('.jp-OutputArea-output');
    const room = area.getBoundingClientRect();
    const excess = [['scrolls', area.scrollWidth - area.clientWidth]];
    for (const part of [figure, ...figure.querySelectorAll('*')]) {
        if (part.matches('figure > div > img')) {
            excess.push(['is too small', 0.6 * part.getAttribute('width') - part.getBoundingClientRect().width]);
            continue;
        }
        const box = part.getBoundingClientRect();
        excess.push([part.tagName, Math.max(box.right - room.right, room.left - box.left)]);
    }
    return excess.filter(([part, pixels]) => pixels > 1);
})"""
# How many pictures have to be scrolled; none, where a window is of ordinary width.
SCROLL = """figures => figures.filter(figure => {
    const place = figure.querySelector('div');
    return place && place.scrollWidth > place.clientWidth + 1;
}).length"""
# How many pictures have to be scrolled to see panels that could stand below each other.
SIDE_BY_SIDE = """figures => figures.filter(figure => {
    const place = figure.querySelector('div');
    const widths = [...figure.querySelectorAll('img')].map(panel => panel.getBoundingClientRect().width);
    return place && place.scrollWidth > Math.max(place.clientWidth, ...widths) + 1;
}).length"""

# By how many pixels explorers are taller than the notebook's part of the window, which then can't show controls and
# picture together; and how much of a first panel has to be scrolled, if it is more than a fifth.
OUT_OF_SIGHT = """figures => figures.flatMap(figure => {
    const explorer = figure.closest('.rcnn-explorer').getBoundingClientRect();
    const room = figure.closest('.jp-WindowedPanel-outer').clientHeight;
    const place = figure.querySelector('div').clientHeight;
    const panel = figure.querySelector('img').getBoundingClientRect().height;
    return [explorer.height - room, Math.floor((panel - place) / (0.2 * panel))].filter(pixels => pixels > 0);
})"""


def choose(page: Page, menu: str, entry: str) -> None:
    """Pick an entry of the menu bar."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


class NotebookPage:
    """A page that shows one notebook in JupyterLab, ready to be used."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.code_cells = page.locator(".jp-Notebook .jp-CodeCell")
        self.prompts = self.code_cells.locator(".jp-InputPrompt")  # "[3]:" for what ran third
        self.figures = page.locator(".jp-Notebook .jp-OutputArea figure")
        self._kernel_is_idle()

    def run_all(self) -> None:
        """Choose *Run All Cells*, and wait until nothing runs or waits any more."""
        choose(self.page, "Run", "Run All Cells")
        expect(self.prompts.first).to_have_text("[1]:")
        expect(self.prompts.filter(has_text="*")).to_have_count(0)
        self._kernel_is_idle()

    def validate(self) -> Locator:
        """Press nbgrader's *Validate*, and wait for what it says."""
        self.page.get_by_role("button", name="Validate", exact=True).click()
        expect(self.page.locator(".jp-Dialog-header")).to_have_text("Validation Results")
        return self.page.locator("#validation-message")

    def close_dialog(self) -> None:
        self.page.get_by_role("button", name="Ok", exact=True).click()
        expect(self.page.locator(".jp-Dialog")).to_have_count(0)

    def lines(self, kind: str) -> Locator:
        """The text outputs of cells: ``stdout``, or ``stderr``, as which JupyterLab shows errors too."""
        return self.page.locator(f".jp-Notebook [data-mime-type='application/vnd.jupyter.{kind}']")

    def _kernel_is_idle(self) -> None:
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
