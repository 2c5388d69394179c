"""Links in the notebooks lead where their words say: to that function of torchvision's, to a notebook that is there."""

import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(ROOT.glob("solutions/lab*/[!_]*.py"))
PINNED = re.search(r"^torchvision==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
TO_SOURCE = re.compile(
    r"\[`(\w+)`\]\(https://github\.com/pytorch/vision/blob/v([\d.]+)/(torchvision/[\w/]+\.py)#L(\d+)\)"
)
TO_NOTEBOOK = re.compile(r"\]\(\.\./(\w+/\w+\.ipynb)\)")
IN_COLAB = re.compile(r"\]\(https://colab\.research\.google\.com/github/OWNER/rcnn-by-hand/blob/main/release/(\S+?)\)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_name_the_version_of_torchvision_that_is_pinned(path: Path) -> None:
    assert PINNED
    assert {number for _, number, _, _ in TO_SOURCE.findall(path.read_text(encoding="utf-8"))} <= {PINNED[1]}


@pytest.mark.skipif(
    not PINNED or version("torchvision").partition("+")[0] != PINNED[1], reason="another torchvision has other lines"
)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_named_function_begins_on_the_linked_line(path: Path) -> None:
    spec = find_spec("torchvision")
    assert spec
    assert spec.origin
    for name, _, file, line in TO_SOURCE.findall(path.read_text(encoding="utf-8")):
        source = (Path(spec.origin).parents[1] / file).read_text(encoding="utf-8").splitlines()
        assert re.match(rf"\s*(def|class) {name}\b", source[int(line) - 1]), f"{file}#L{line} is not {name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_linked_notebooks_are_released(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = TO_NOTEBOOK.findall(text)
    assert not [name for name in linked + IN_COLAB.findall(text) if not (ROOT / "release" / name).is_file()]
    assert set(linked) <= set(IN_COLAB.findall(text)), "Colab does not follow relative links"
