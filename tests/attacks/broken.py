"""Submissions that are no proper submissions: what lies in the folder, and what the notebook's file holds."""

import copy
import json
import os
import socket

import nbformat

from attacks.corpus import BOAST, EASY, LAB, POINTS, HandIn, entry

ABORTS = "nbgrader's whole run would wait for ever"


def empty_folder(hand: HandIn) -> None:
    """Leave the notebook out."""
    hand.absent = True


@entry()
def no_notebook(hand: HandIn) -> None:
    """The folder is empty."""
    empty_folder(hand)


@entry(*POINTS)
def notebook_renamed(hand: HandIn) -> None:
    """The notebook, all solved, has another name: it is known by its cells."""
    hand.solve()
    (hand.folder / "boxes (1).ipynb").write_text(hand.text(), encoding="utf-8")
    hand.absent = True


@entry()
def link_to_the_source(hand: HandIn) -> None:
    """The notebook is a link to the instructor's source, which has all solutions."""
    os.symlink(hand.world.course / "source" / LAB / "boxes.ipynb", hand.path)
    hand.absent = True


@entry()
def link_to_the_neighbour(hand: HandIn) -> None:
    """The notebook is a relative link to another student's."""
    os.symlink(f"../../neighbour-first/{LAB}/boxes.ipynb", hand.path)
    hand.absent = True


@entry()
def folder_is_a_link(hand: HandIn) -> None:
    """The whole submission is a link to another student's."""
    hand.folder.rmdir()
    os.symlink(f"../neighbour-first/{LAB}", hand.folder)
    hand.absent = True


@entry()
def link_beside(hand: HandIn) -> None:
    """Links beside the notebook lead to the gradebook, the source, the root folder and themselves."""
    for number, target in enumerate(
        (hand.world.course / "gradebook.db", hand.world.course / "source", "/", hand.folder)
    ):
        os.symlink(target, hand.folder / f"link-{number}")


@entry(stock=ABORTS)
def notebook_is_a_pipe(hand: HandIn) -> None:
    """The notebook is a named pipe that nobody writes to; another one lies beside it."""
    os.mkfifo(hand.path)
    os.mkfifo(hand.folder / "data.txt")
    hand.absent = True


@entry()
def socket_beside(hand: HandIn) -> None:
    """A Unix socket lies beside the notebook."""
    here = os.getcwd()
    os.chdir(hand.folder)  # a socket's path may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.bind("socket.txt")
    finally:
        os.chdir(here)


@entry()
def notebook_is_a_folder(hand: HandIn) -> None:
    """The notebook is a folder with files in it."""
    hand.path.mkdir()
    (hand.path / "boxes.ipynb").write_text(hand.text(), encoding="utf-8")
    (hand.path / "data.txt").write_text("data")
    hand.absent = True


@entry()
def timestamp_is_a_folder(hand: HandIn) -> None:
    """timestamp.txt is a folder with files in it."""
    (hand.folder / "timestamp.txt").mkdir()
    (hand.folder / "timestamp.txt" / "timestamp.txt").write_text("now")


@entry(*EASY)
def timestamp_nonsense(hand: HandIn) -> None:
    """timestamp.txt holds no time."""
    hand.solve(*EASY)
    (hand.folder / "timestamp.txt").write_text("the day before yesterday\n")


@entry(*EASY)
def timestamp_binary(hand: HandIn) -> None:
    """timestamp.txt is no text in any encoding."""
    hand.solve(*EASY)
    (hand.folder / "timestamp.txt").write_bytes(b"\xff\xfe\x00\x80" * 1000)


@entry(*EASY)
def timestamp_far_away(hand: HandIn) -> None:
    """timestamp.txt names the last day of the calendar, in a time zone that is a day further."""
    hand.solve(*EASY)
    (hand.folder / "timestamp.txt").write_text("9999-12-31 23:59:59 -86399")


@entry(*EASY, stock="copies 9 GB")
def huge_files_beside(hand: HandIn) -> None:
    """Beside the notebook lie a file that claims 8 GiB, and a thousand small ones in nested folders."""
    hand.solve(*EASY)
    with (hand.folder / "huge.bin").open("wb") as file:
        file.truncate(8 * 2**30)
    place = hand.folder
    for level in range(10):
        place = place / f"level-{level}"
        place.mkdir()
        for number in range(100):
            (place / f"{number}.txt").write_text("x")


@entry(*EASY)
def file_names(hand: HandIn) -> None:
    """Files beside the notebook have names that are no UTF-8, no line, no name of a file of theirs."""
    hand.solve(*EASY)
    for name in (
        b"\xff\xfe.txt",
        b"line\nbreak",
        b"-rf",
        b"$(id)",
        b"nbgrader_config.py",
        b"gradebook.db",
        b"<script>.txt",
        b"x" * 250,
    ):
        with open(os.fsencode(hand.folder) + b"/" + name, "w") as file:
            file.write("c.Exchange.root = 'evil'\n")


@entry()
def empty_file(hand: HandIn) -> None:
    """The notebook has no bytes."""
    hand.raw = b""


@entry()
def cut_off(hand: HandIn) -> None:
    """The notebook, all solved, ends in the middle."""
    hand.solve()
    hand.raw = hand.text().encode()[:-500]


@entry()
def other_json(hand: HandIn) -> None:
    """The notebook is a JSON text, and no notebook."""
    hand.raw = b'{"cells": {"0": "a"}, "nbformat": 4}'


@entry()
def deep_json(hand: HandIn) -> None:
    """The notebook is a list in a list, a million deep."""
    hand.raw = b"[" * 1_000_000


@entry()
def deep_metadata(hand: HandIn) -> None:
    """A cell's type, id and marks are lists 900 deep, which can be read and hardly be looked at."""
    deep = json.loads("[" * 900 + "]" * 900)
    cell = {
        "cell_type": deep,
        "id": deep,
        "source": deep,
        "metadata": {"nbgrader": {"grade_id": deep, "points": deep}, "tags": deep},
    }
    hand.raw = json.dumps({"cells": [cell] * 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@entry()
def utf_16(hand: HandIn) -> None:
    """The notebook is in UTF-16."""
    hand.raw = hand.text().encode("utf-16")


@entry(*EASY)
def byte_order_mark(hand: HandIn) -> None:
    """The notebook starts with the mark that Windows programs put there."""
    hand.solve(*EASY)
    hand.raw = b"\xef\xbb\xbf" + hand.text().encode()


@entry()
def latin_1(hand: HandIn) -> None:
    """The notebook is in Latin 1, with umlauts."""
    hand.own("# ä ö ü")
    hand.raw = json.dumps(hand.notebook, ensure_ascii=False).encode("latin-1", "replace")


@entry(*EASY)
def null_bytes(hand: HandIn) -> None:
    """Cells hold null bytes, control characters and lone surrogates, in solutions and in names."""
    hand.solve(*EASY)
    hand.write(box_iou="def box_iou(a, b):\n    return '\0\x1b[2J\u202e'")
    hand.own("'\0'")
    text = json.loads(hand.text())
    text["cells"].append({"cell_type": "code", "source": "'\ud800'", "metadata": {"nbgrader": {"grade_id": "\ud800"}}})
    text["cells"].append(
        {"cell_type": "\udfff", "source": "1", "metadata": {"nbgrader": {"grade_id": "box_iou\ud800"}}}
    )
    hand.raw = json.dumps(text).encode()


@entry()
def cell_type_surrogate(hand: HandIn) -> None:
    """A solution's cell type is a lone surrogate, which our note about it would repeat."""
    text = json.loads(hand.text())
    for cell in text["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["cell_type"] = "\ud800"
    hand.raw = json.dumps(text).encode()


@entry()
def sixty_megabytes(hand: HandIn) -> None:
    """The notebook has one line of 60 MB in it."""
    hand.own("# " + "x" * 60_000_000)


@entry(*EASY)
def huge_outputs(hand: HandIn) -> None:
    """The cells bring old outputs of 8 MB along."""
    hand.solve(*EASY)
    hand.cell("box_iou").outputs = [nbformat.v4.new_output("stream", name="stderr", text="x" * 8_000_000)]


@entry()
def million_cells(hand: HandIn) -> None:
    """The notebook has a million cells, of nothing."""
    hand.raw = b'{"cells": [' + b"{}," * 1_000_000 + b"{}]}"


@entry(*EASY)
def duplicated_cells(hand: HandIn) -> None:
    """Every cell is there twice, graded ones too."""
    hand.solve(*EASY)
    hand.notebook.cells = [copy.deepcopy(cell) for cell in hand.notebook.cells for _ in range(2)]


@entry(*EASY)
def graded_cells_deleted(hand: HandIn) -> None:
    """The graded cells are gone, and all others without solution."""
    hand.solve(*EASY)
    hand.notebook.cells = [cell for cell in hand.notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]


@entry()
def all_cells_deleted(hand: HandIn) -> None:
    """There is no cell at all."""
    hand.notebook.cells = []


@entry(*EASY)
def cells_reversed(hand: HandIn) -> None:
    """The cells stand in the opposite order."""
    hand.solve(*EASY)
    hand.notebook.cells = hand.notebook.cells[::-1]


@entry(*EASY)
def cells_retyped(hand: HandIn) -> None:
    """Solutions have become raw and Markdown cells, and graded cells Markdown."""
    hand.solve(*EASY)
    text = json.loads(hand.text())
    for cell in text["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks:
            cell["cell_type"] = "raw" if marks.get("solution") else "markdown"
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    hand.raw = json.dumps(text).encode()


@entry(*EASY)
def schema_99(hand: HandIn) -> None:
    """Nbgrader's marks are of schema version 99, in one cell of version 1."""
    hand.solve(*EASY)
    for name in POINTS:
        hand.cell(name).metadata.nbgrader.schema_version = 99
    hand.cell("test_box_iou").metadata.nbgrader.schema_version = 1


@entry(*EASY)
def marks_nonsense(hand: HandIn) -> None:
    """Nbgrader's marks are lists, texts and numbers out of range."""
    hand.solve(*EASY)
    hand.cell("test_box_iou").metadata.nbgrader.update(points=float("inf"), grade="yes", locked=[], checksum={})
    hand.cell("test_remove_small_boxes").metadata.nbgrader = "none"
    hand.cell("remove_small_boxes").metadata.nbgrader.update(task=True, grade=True, points=-5)


@entry(*EASY)
def ids_shared(hand: HandIn) -> None:
    """All cells have the same id, which is the graded cell's."""
    hand.solve(*EASY)
    own = hand.own("10.0", before="test_box_iou")
    for cell in hand.notebook.cells:
        cell.id = hand.cell("test_box_iou").id
    own.metadata.nbgrader = {"grade_id": "test_box_iou", "grade": True, "solution": False, "points": 10}


@entry(*EASY)
def other_kernel(hand: HandIn) -> None:
    """The kernel's name is a command, and its language Julia."""
    hand.solve(*EASY)
    hand.notebook.metadata.kernelspec = {
        "name": "../../bin/sh -c id",
        "display_name": "<script>alert(1)</script>",
        "language": "julia",
    }


@entry(*EASY)
def nbformat_5(hand: HandIn) -> None:
    """The notebook says that it is of format 5.99."""
    hand.solve(*EASY)
    text = json.loads(hand.text())
    hand.raw = json.dumps({**text, "nbformat": 5, "nbformat_minor": 99}).encode()


@entry()
def nbformat_3(hand: HandIn) -> None:
    """The notebook is of format 3, which had worksheets."""
    hand.raw = json.dumps(
        {
            "worksheets": [{"cells": json.loads(hand.text())["cells"]}],
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {},
        }
    ).encode()


@entry(*EASY)
def scripts(hand: HandIn) -> None:
    """Markdown, HTML, SVG, JavaScript, links, names and errors carry scripts into the instructor's browser."""
    hand.solve(*EASY)
    script = "<script>alert('student')</script>"
    for text in (
        script,
        f"[click](javascript:alert('student')) <img src=x onerror=alert('student')> {script}",
        f"<details open ontoggle=alert('student')>\n\n{script}",
        f"```html\n{script}\n```\n\n<iframe src=javascript:alert('student')>",
    ):
        hand.notebook.cells.insert(3, nbformat.v4.new_markdown_cell(text))
    hand.own(f"""from IPython.display import HTML, SVG, Javascript, Markdown, display
for thing in (HTML({script!r}), SVG("<svg xmlns='http://www.w3.org/2000/svg'>{script}</svg>"), Javascript("alert('student')"), Markdown({script!r})):
    display(thing)
display({{"image/png": "\\"><script>alert('student')</script>", "image/svg+xml": {script!r}, "text/html": {script!r}, "text/latex": {script!r},
         "application/javascript": "alert('student')", "text/plain": {script!r}}}, raw=True)
print({script!r})
raise ValueError({script!r})""")
    hand.write(box_iou=f"def box_iou(a, b):\n    raise ValueError({script!r})  # {script}")
    hand.cell("box_iou").metadata["name"] = script
    hand.notebook.metadata["title"] = "</title>" + script
    hand.notebook.metadata["authors"] = [{"name": script}]
    extra = hand.own("1")
    extra.metadata.nbgrader = {"grade_id": script[:60], "solution": True}


@entry(*EASY)
def breaks_the_parser(hand: HandIn) -> None:
    """Cells that no parser, no tokeniser and no transformer of IPython's gets through."""
    hand.solve(*EASY)
    for text in (
        "(" * 5_000,
        "-" * 10_000 + "1",
        "a" + ".b" * 500,
        "%time\n" * 100,
        "lambda:" * 2_000 + "1",
        "f'" + "{" * 1_000,
        "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 300)),
        "\\\n" * 5_000,
        "'''",
        "x = " + "9" * 10_000,
    ):
        hand.own(text)


@entry()
def leaves_a_secret_name(hand: HandIn) -> None:
    """Own cells claim to be released cells by their text and id, in order to run in a graded cell's place."""
    for name in POINTS:
        cell = hand.own(f"print('{BOAST[:3]}')", before=f"test_{name}")
        cell.id = hand.cell(f"test_{name}").id
        cell.metadata.nbgrader = dict(hand.cell(f"test_{name}").metadata.nbgrader)
