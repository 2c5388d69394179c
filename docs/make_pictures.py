"""Take the pictures of README.md and docs/ anew: four screenshots side by side, and a strip of scenes.

    python docs/make_pictures.py

Needs Debian's ``chromium`` and what ``make demo`` needs; takes about two minutes.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import nbformat
import torch
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests" / "browser")]

from lab_page import NotebookPage  # noqa: E402
from lab_server import lab_server  # noqa: E402

from autograder.commands import demo  # noqa: E402
from autograder.labs import answers  # noqa: E402
from course import scenes  # noqa: E402

COLUMNS, ROWS, SIZE = 5, 2, 208
LAB = "lab1_boxes"
STUDENT = "mary"  # of the demo's class: some answers are right, some are wrong
MISTAKE = "plus_one"  # among the known wrong answers to ``box_iou``
COLOURS = 256  # of the PNG: text stays sharp, and the file small

# What the notebook on the screenshots runs; a tile's picture is one cell of it.
SETUP = """
import torch
from torch import Tensor

from course import checks, explore, library, scenes
from course.detector import Detector, load_weights
from course.library import box_iou
from course.zoo import small_weights

detector = Detector(library, len(scenes.CLASSES), masks=True, keypoints=True).eval()
with small_weights() as path:
    load_weights(detector, path)
"""
EXPLORER = "explore.iou(box_iou)"
DETECTOR = "picture = scenes.scene(34, size=(144, 192))[0]\nexplore.detections(picture, detector, scenes.CLASSES)"

TILES = {
    "check": "A check names the mistake",
    "explorer": "Explorers show what a formula does",
    "detector": "Together, the functions make a detector",
    "feedback": "Feedback says what to do first",
}
COLLAGE = """<!doctype html><meta charset="utf-8"><style>
  body {{ margin: 0; padding: 20px; background: #eef1f5; font: 600 21px "DejaVu Sans", sans-serif; color: #1f2a37;
         display: grid; grid-template-columns: 760px 760px; gap: 20px; width: max-content; }}
  figure {{ margin: 0; background: white; border: 1px solid #cbd3dd; border-radius: 8px; overflow: hidden; }}
  figcaption {{ padding: 12px 18px; border-bottom: 1px solid #cbd3dd; }}
  img {{ display: block; width: 100%; height: 560px; object-fit: contain; object-position: top; }}
</style>{figures}"""
FIGURE = '<figure><figcaption>{caption}</figcaption><img src="{source}"></figure>'


def main() -> None:
    """Write ``scenes.jpg`` and ``overview.png`` beside this script."""
    strip()
    with tempfile.TemporaryDirectory() as folder, browser_page() as page:
        room = Path(folder)
        demo.demo(LAB, room / "demo", print)
        (room / "lab").mkdir()
        notebook_tiles(page, room / "lab", room)
        feedback_tile(page, next((room / "demo" / "course" / "feedback" / STUDENT / LAB).glob("*.html")), room)
        overview(page, room)


def strip() -> None:
    """Ten scenes in two rows."""
    images = [scenes.scene(seed, SIZE)[0] for seed in range(COLUMNS * ROWS)]
    rows = [torch.cat(images[row * COLUMNS :][:COLUMNS], dim=2) for row in range(ROWS)]
    sheet = torch.cat(rows, dim=1).permute(1, 2, 0).mul(255).byte().numpy()
    cv2.imwrite(str(HERE / "scenes.jpg"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])


@contextmanager
def browser_page() -> Iterator[Page]:
    """A window of the distribution's Chromium, with two pixels of the screen for each of the page."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=quiet)
        context = browser.new_context(viewport={"width": 1130, "height": 1800}, device_scale_factor=2, locale="en-GB")
        yield context.new_page()
        browser.close()


def notebook_tiles(page: Page, folder: Path, out: Path) -> None:
    """Photograph the check, the explorer and the detector in JupyterLab, which serves ``folder``."""
    wrong = next(each for each in answers(LAB) if (each.exercise, each.name) == ("box_iou", MISTAKE))
    check = f"{wrong.text.strip()}\n\nchecks.box_iou(box_iou)"  # last: it stops *Run All Cells*
    title = nbformat.v4.new_markdown_cell("# Pictures")
    cells = [title, *(nbformat.v4.new_code_cell(text.strip()) for text in (SETUP, EXPLORER, DETECTOR, check))]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "tour.ipynb")
    with lab_server(folder, out / "home") as server:
        page.goto(server.address("tour.ipynb"))
        view = NotebookPage(page)
        view.run_all()
        expect(view.figures).to_have_count(2)
        page.locator(".jp-MarkdownCell").click()  # JupyterLab frames the chosen cell, and lays tools over it
        view.code_cells.nth(1).screenshot(path=out / "explorer.png")
        view.figures.nth(1).screenshot(path=out / "detector.png")
        page.set_viewport_size({"width": 1050, "height": 1800})  # as narrow as the message allows
        view.code_cells.nth(3).screenshot(path=out / "check.png")
        page.goto("about:blank")


def feedback_tile(page: Page, html: Path, out: Path) -> None:
    """Photograph the first screen of a feedback page."""
    page.set_viewport_size({"width": 860, "height": 640})
    page.goto(html.as_uri())
    page.screenshot(path=out / "feedback.png")


def overview(page: Page, folder: Path) -> None:
    """Lay the four pictures of ``folder`` out, photograph them, and write the PNG in few colours."""
    figures = [FIGURE.format(caption=text, source=f"{name}.png") for name, text in TILES.items()]
    (folder / "overview.html").write_text(COLLAGE.format(figures="".join(figures)), encoding="utf-8")
    page.goto((folder / "overview.html").as_uri())
    page.locator("body").screenshot(path=folder / "overview.png", scale="css")
    picture = Image.open(folder / "overview.png").convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / "overview.png", optimize=True)


if __name__ == "__main__":
    main()
