"""Honest work that looks unusual: it keeps full marks."""

import json

import nbformat

from attacks.corpus import POINTS, HandIn, entry

ALL = tuple(POINTS)


@entry(*ALL)
def warnings(hand: HandIn) -> None:
    """Functions warn, print to standard error and log, and deprecated calls do as well."""
    hand.solve()
    hand.write(
        box_area="""import logging, sys, warnings
warnings.simplefilter("always")
logging.basicConfig(level=logging.DEBUG)
def box_area(boxes):
    warnings.warn("old", DeprecationWarning)
    print("debug", file=sys.stderr)
    logging.getLogger().error("area of %d", len(boxes))
    boxes.t().T  # deprecated on other than two dimensions
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"""
    )


@entry(*ALL)
def warnings_are_errors(hand: HandIn) -> None:
    """A cell turns all warnings into errors."""
    hand.solve()
    hand.own("import warnings\nwarnings.simplefilter('error')")


@entry(*ALL)
def prints_and_bars(hand: HandIn) -> None:
    """Functions print and show progress bars."""
    hand.solve()
    hand.write(
        remove_small_boxes="""from tqdm.auto import tqdm
def remove_small_boxes(boxes, min_size):
    keep = []
    for i in tqdm(range(len(boxes)), desc="boxes"):
        print("box", i)
        if boxes[i, 2] - boxes[i, 0] >= min_size and boxes[i, 3] - boxes[i, 1] >= min_size:
            keep.append(i)
    return torch.tensor(keep, dtype=torch.long, device=boxes.device)"""
    )


@entry(*ALL)
def helpers(hand: HandIn) -> None:
    """Helper functions stand in cells of their own, between the exercises and behind them."""
    hand.solve()
    hand.own("def sides(boxes):\n    return boxes[:, 2:] - boxes[:, :2]", before="box_area")
    hand.write(box_area="def box_area(boxes):\n    return product(sides(boxes))")
    hand.own("def product(pairs):\n    return pairs[:, 0] * pairs[:, 1]", before="test_box_area")


@entry(*ALL)
def other_kernel_name(hand: HandIn) -> None:
    """The notebook was written in an environment with another kernel's name."""
    hand.solve()
    hand.notebook.metadata.kernelspec = {"name": "rcnn-env", "display_name": "Python (rcnn)", "language": "python"}


@entry(*ALL)
def old_errors(hand: HandIn) -> None:
    """Old outputs, errors and all, and counts of 90 runs still stand in the notebook."""
    hand.solve()
    for cell in hand.notebook.cells:
        if cell.cell_type == "code":
            error = nbformat.v4.new_output("error", ename="ValueError", evalue="old", traceback=["old"])
            cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text="old"), error]
            cell.execution_count = 90


@entry(*ALL)
def slow_loops(hand: HandIn) -> None:
    """Everything is a loop over single numbers: slow, and right."""
    hand.solve()
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    table = boxes1.new_zeros(len(boxes1), len(boxes2))
    for i, a in enumerate(boxes1.tolist()):
        for j, b in enumerate(boxes2.tolist()):
            w = max(0, min(a[2], b[2]) - max(a[0], b[0]))
            h = max(0, min(a[3], b[3]) - max(a[1], b[1]))
            union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
            table[i, j] = w * h / union if union else 0
    return table""",
        box_area="""def box_area(boxes):
    areas = boxes.new_zeros(len(boxes))
    for i in range(len(boxes)):
        areas[i] = (boxes[i][2] - boxes[i][0]) * (boxes[i][3] - boxes[i][1])
    return areas""",
    )


@entry(*ALL)
def own_imports(hand: HandIn) -> None:
    """Uses other libraries, and imports them wherever it comes to mind."""
    hand.solve()
    hand.own(
        "import math, itertools\nfrom collections import *\nimport numpy as np\nimport matplotlib.pyplot as plt\nimport cv2"
    )
    hand.write(
        yxyx_to_xyxy="""def yxyx_to_xyxy(boxes):
    import operator
    order = list(itertools.chain((1, 0), (3, 2)))
    return operator.getitem(boxes, (slice(None), order))"""
    )


@entry(*ALL)
def plots(hand: HandIn) -> None:
    """Draws figures in cells of its own, one of them interactive, one never closed."""
    hand.solve()
    hand.own("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()\nplt.figure()")
    hand.own("from course import draw\ndraw.box_anatomy()\nimport ipywidgets\nipywidgets.IntSlider()", before="box_iou")


@entry(*ALL)
def numpy_inside(hand: HandIn) -> None:
    """Thinks in NumPy where the numbers are not the tensor's: permutations and sizes."""
    hand.solve()
    hand.write(
        yxyx_to_xyxy="""import numpy as np
def yxyx_to_xyxy(boxes):
    return boxes[:, np.arange(4).reshape(2, 2)[:, ::-1].flatten().copy()]"""
    )


@entry(*ALL)
def default_dtype(hand: HandIn) -> None:
    """Torch's default dtype is set and never set back; another function sets it and restores it."""
    hand.solve()
    hand.own("torch.set_default_dtype(torch.float64)")
    hand.write(
        box_area="""def box_area(boxes):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float16)
    try:
        return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    finally:
        torch.set_default_dtype(before)"""
    )


@entry(*ALL)
def torch_settings(hand: HandIn) -> None:
    """Sets seeds, threads, print options, gradient mode, anomaly detection and deterministic algorithms."""
    hand.solve()
    hand.own("""import random
import numpy as np
random.seed(0), np.random.seed(0), torch.manual_seed(0)
torch.set_num_threads(1)
torch.set_printoptions(precision=2, sci_mode=False)
torch.set_grad_enabled(False)
torch.autograd.set_detect_anomaly(True)
torch.use_deterministic_algorithms(True)""")


@entry(*ALL)
def magics(hand: HandIn) -> None:
    """Uses magics, shell commands and question marks."""
    hand.solve()
    hand.own(
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!ls\n!pip --version\nfiles = !ls /tmp\n%timeit -n1 -r1 1 + 1\nlen?"
    )
    hand.own("%%time\nx = 5", before="box_iou")
    hand.own("%%bash\necho hello", before="box_iou")


@entry(*ALL)
def typed_and_decorated(hand: HandIn) -> None:
    """Type hints from the future, a decorator that times calls, defaults, keyword-only arguments, a partial."""
    hand.solve()
    hand.write(
        box_area="""import functools, time
def timed(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            print(function.__name__, time.perf_counter() - start)
    return inner
@timed
def box_area(boxes: "torch.FloatTensor | None" = None, *, eps: float = 0.0) -> "torch.FloatTensor":
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])""",
        clip_boxes_to_image="""import functools
def clip(low, boxes, size):
    height, width = size
    return torch.stack([boxes[:, 0].clamp(low, width), boxes[:, 1].clamp(low, height), boxes[:, 2].clamp(low, width), boxes[:, 3].clamp(low, height)], 1)
clip_boxes_to_image = functools.partial(clip, 0)""",
    )


@entry(*ALL)
def classes(hand: HandIn) -> None:
    """Functions are methods, callable objects and lambdas."""
    hand.solve()
    hand.write(
        yxyx_to_xyxy="yxyx_to_xyxy = lambda boxes: boxes[:, [1, 0, 3, 2]]",
        box_area="""class Area:
    def __call__(self, boxes):
        return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
box_area = Area()""",
        remove_small_boxes="""class Filter:
    def run(self, boxes, min_size):
        return ((boxes[:, 2:] - boxes[:, :2]) >= min_size).all(1).nonzero().flatten()
remove_small_boxes = Filter().run""",
    )


@entry(*ALL)
def cached(hand: HandIn) -> None:
    """A helper is cached, and a function keeps statistics between calls."""
    hand.solve()
    hand.write(
        yxyx_to_xyxy="""import functools
@functools.lru_cache
def order(n):
    return [1, 0, 3, 2][:n]
calls = 0
def yxyx_to_xyxy(boxes):
    global calls
    calls += 1
    yxyx_to_xyxy.calls = calls
    return boxes[:, order(4)]"""
    )


@entry(*ALL)
def demo_globals(hand: HandIn) -> None:
    """A function leans on a variable that one of the notebook's drawing cells makes."""
    hand.solve()
    hand.write(
        remove_small_boxes="""def remove_small_boxes(boxes, min_size):
    assert bbox0.shape == (2, 4)
    return ((boxes[:, 2:] - boxes[:, :2]) >= min_size).all(1).nonzero().flatten()"""
    )


@entry(*ALL)
def setup_edited(hand: HandIn) -> None:
    """The setup cell has more imports, and a path of Colab's that is not here."""
    hand.solve()
    setup = next(cell for cell in hand.notebook.cells if cell.cell_type == "code")
    setup.source += "\nimport math\nimport os\nos.makedirs('/tmp/mine', exist_ok=True)\nhalf = 0.5"
    hand.write(yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    return boxes[:, [int(2 * half), 0, 3, int(math.sqrt(4))]]")


@entry(*ALL)
def leaves_early(hand: HandIn) -> None:
    """Own cells end with sys.exit, exit(), quit(), an error and an interruption."""
    hand.solve()
    for text in (
        "import sys\nsys.exit()",
        "exit()",
        "raise KeyboardInterrupt",
        "1 / 0",
        "quit()",
        "assert False, 'not finished'",
    ):
        hand.own(text)
    hand.own("exit", before="remove_small_boxes")


@entry(*ALL)
def writes_files(hand: HandIn) -> None:
    """Writes to /tmp, to the home folder and to the working directory, and reads it again."""
    hand.solve()
    hand.own("""from pathlib import Path
for place in ("/tmp/mine.txt", Path.home() / "mine.txt", "mine.txt"):
    Path(place).write_text("1 0 3 2")
torch.save(torch.ones(3), "weights.pt")
torch.load("weights.pt")
order = [int(n) for n in Path("mine.txt").read_text().split()]""")
    hand.write(yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    return boxes[:, order]")


@entry(*ALL)
def threads(hand: HandIn) -> None:
    """Computes in threads, a pool of processes and a subprocess."""
    hand.solve()
    hand.own("""import concurrent.futures, subprocess, sys, threading
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(abs, range(4))))
print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout)
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as processes:
    print(processes.map(abs, [-1, -2]))""")
    hand.write(
        box_area="""def box_area(boxes):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        width, height = pool.map(lambda k: boxes[:, k + 2] - boxes[:, k], (0, 1))
    return width * height"""
    )


@entry(*ALL)
def tries_around(hand: HandIn) -> None:
    """Every exercise has a first try that failed, in a cell of its own, in front of the one that counts."""
    hand.solve()
    for name in POINTS:
        hand.own(f"def {name}(*args):\n    return 'first try'\n{name}(torch.zeros(1, 4))", before=name)


@entry(*ALL)
def solved_behind(hand: HandIn) -> None:
    """The functions stand together in one cell of the student's own; the given cells only say so."""
    for name in POINTS:
        hand.write(**{name: f"# {name}: see the cell above"})
    hand.own("\n\n".join(hand.reference.values()))


@entry(*ALL)
def older_notebook(hand: HandIn) -> None:
    """Saved by an old Jupyter: format 4.2, without cell ids, sources as lists of lines, and Windows' line ends."""
    hand.solve()
    text = json.loads(hand.text())
    for cell in text["cells"]:
        cell.pop("id", None)
        lines = (
            "".join(cell["source"]).replace("\n", "\r\n") if cell["cell_type"] == "code" else "".join(cell["source"])
        )
        cell["source"] = lines.splitlines(keepends=True)
    hand.raw = json.dumps({**text, "nbformat_minor": 2}).encode()


@entry(*ALL)
def unicode_names(hand: HandIn) -> None:
    """Comments, names and texts in other scripts, and emoji."""
    hand.solve()
    hand.write(
        box_area="""def box_area(boxes):
    # 幅 × 高さ 🙂
    ширина, høyde = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return ширина * høyde"""
    )


@entry(*ALL)
def helpers_beside(hand: HandIn) -> None:
    """Helpers stand in modules beside the notebook, one of them in a folder; a table is read from a file."""
    hand.solve()
    (hand.folder / "sides.py").write_text("def width(boxes):\n    return boxes[:, 2] - boxes[:, 0]\n")
    (hand.folder / "more").mkdir()
    (hand.folder / "more" / "sides.py").write_text("def height(boxes):\n    return boxes[:, 3] - boxes[:, 1]\n")
    (hand.folder / "factors.txt").write_text("1 1")
    hand.own(
        "import sys\n\nsys.path.insert(0, '.')\nfrom more.sides import height\nfrom sides import width\n\n"
        "one, other = (int(word) for word in open('factors.txt').read().split())"
    )
    hand.write(box_area="def box_area(boxes):\n    return one * width(boxes) * other * height(boxes)")
