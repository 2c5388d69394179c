"""What is worth an instructor's look is named with its line; what honest students write is not; no text breaks it."""

import inspect
import time

import pytest
import torchvision
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.commands import odd_code
from autograder.commands.worth_a_look import MOST, NAMED, READ, Look, Written, looks, written
from autograder.labs import LABS, answers

LONG = '''def nms(boxes, scores, iou_threshold):
    """Keep the best."""
    if len(boxes) == 0:
        return torch.empty(0, dtype=torch.int64)
    order = scores.argsort(descending=True)
    keep = []
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    while len(order) > 0:
        first = order[0]
        keep.append(first)
        top = torch.maximum(boxes[first, :2], boxes[order, :2])
        low = torch.minimum(boxes[first, 2:], boxes[order, 2:])
        side = (low - top).clamp(min=0)
        both = side[:, 0] * side[:, 1]
        order = order[both / (area[first] + area[order] - both) <= iou_threshold]
    return torch.tensor(keep, dtype=torch.int64)
'''
# the same with other names, remarks, annotations, spellings of numbers and breaks of lines
RENAMED = """# mine
def nms(b: Tensor, s: Tensor, t: float) -> Tensor:
    if len(b) == 0:
        return torch.empty(0, dtype=torch.int64)
    queue = s.argsort(descending=True)  # best first
    out = []
    sizes = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    while len(queue) > 0.0:
        i = queue[0]
        out.append(i)
        "the corners"
        a = torch.maximum(b[i, :2], b[queue, :2])
        c = torch.minimum(b[i, 2:], b[queue, 2:])
        wh = (c - a).clamp(min=0x0)
        inter = wh[:, 0] * wh[:, 1]
        queue = queue[
            inter / (sizes[i] + sizes[queue] - inter) <= t
        ]
    return torch.tensor(out, dtype=torch.int64)
"""
SHORT = "def box_area(boxes):\n    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])\n"


def found(*sources: str, given: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    """Lines and reasons for one student's cells."""
    cells = [Written("box_iou", source, False) for source in sources]
    return [(look.line, look.why) for look in looks({"ada": cells}, given)]


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("import torch\nimport ctypes", 2, odd_code.MEMORY),
        ("import gc as trash\n\ntrash.get_objects()", 3, odd_code.MEMORY),
        ("from sys import setprofile as p", 1, odd_code.WATCHER),
        ("def f():\n    sys.settrace(None)", 2, odd_code.WATCHER),
        ("import inspect\nx = inspect.stack()[1]", 2, odd_code.FRAMES),
        ("def f(x):\n    return x.f_back.f_locals", 2, odd_code.FRAMES),
        ("seed = torch.initial_seed() - 1", 1, odd_code.SEED),
        ("f = lambda g: g.initial_seed()", 1, odd_code.SEED),
        ("torch._C._nn.nll_loss(x, y)", 1, odd_code.INSIDE),
        ("return_ = torch.ops.torchvision.nms(b, s, t)", 1, odd_code.INSIDE),
        ("@torch.jit.script\ndef f(x):\n    return x", 1, odd_code.INSIDE),
        ("import torch as t\nt.jit.trace(f, x)", 2, odd_code.INSIDE),
        ("getattr(torch, '_C')", 1, odd_code.INSIDE),
        ("f.__globals__['grade'] = 1", 1, odd_code.INSIDE),
        ("f.__code__ = g.__code__", 1, odd_code.INSIDE),
        ("import importlib", 1, odd_code.LOADING),
        ("__import__('os')", 1, odd_code.LOADING),
        ("exec(text)", 1, odd_code.TEXT),
        ("ｅxec(text)", 1, odd_code.TEXT),  # noqa: RUF001  # as Python reads it
        ("open('/proc/self/maps')", 1, odd_code.SYSTEM),
        ("import subprocess", 1, odd_code.PROGRAM),
        ("if 1:\n    import os; os.system('ls')", 2, odd_code.PROGRAM),
        ("x = 1\n!cat /etc/passwd", 2, odd_code.PROGRAM),
        ("%%bash\nls", 1, odd_code.PROGRAM),
        ("from autograder.student import protocol", 1, odd_code.GRADER),
        ("torch.equal = lambda a, b: True", 1, odd_code.REPLACED),
        ("setattr(torch.Tensor, '__eq__', yes)", 1, odd_code.REPLACED),
        ("%matplotlib inline\nimport ctypes", 2, odd_code.MEMORY),
        ("def broken(:\n    ctypes.string_at(0)", 2, odd_code.MEMORY),
        ("def broken(:\n    frame.f_back", 2, odd_code.FRAMES),
    ],
)
def test_code_without_an_honest_use_is_named_with_its_line(source: str, line: int, why: str) -> None:
    assert (line, why) in found(source)
    assert {number for number, _ in found(source)} <= {line, 1}


def test_names_count_wherever_a_student_imported_them() -> None:
    assert found("import torch as t", "x = 1\nt.ops.load_library('a')") == [(2, odd_code.INSIDE)]


@pytest.mark.parametrize(
    "source",
    [
        "!pip install tqdm",
        "%matplotlib inline\n%timeit f(x)",
        "detector.eval()\npattern = re.compile('a')",
        "torch.backends.cudnn.deterministic = True\nplt.rcParams['figure.dpi'] = 100",
        "import os\nos.path.exists('a') and os.listdir('.')",
        "import gc, sys, inspect, time\ngc.collect()\nprint(sys.version, inspect.getsource(f))",
        "class Head(nn.Module):\n    def __init__(self):\n        self.ops = 1\n        self.head.stack = 2",
        "torch.manual_seed(0)\ntorch.stack([a, b])  # 看一下：第一个",  # noqa: RUF001
        "with open('notes.txt') as file: file.read()",
    ],
)
def test_what_honest_students_write_is_not(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize("lab", LABS)
def test_right_answers_are_not(lab: str) -> None:
    right = {f"{each.exercise} {each.name}": each for each in answers(lab) if not each.hint}
    assert looks({name: [Written(each.exercise, each.text, False)] for name, each in right.items()}, []) == []


def test_a_line_that_everybody_got_is_nobodys() -> None:
    given = "import subprocess\nsubprocess.run(['pip'])"
    assert found(given, given=(given,)) == []
    assert found(f"{given}\nsubprocess.run(['ls'])", given=(given,)) == [(3, odd_code.PROGRAM)]


def test_equal_functions_of_two_students_are_named_with_the_others() -> None:
    other = LONG.replace("<=", "<").replace("descending=True", "descending=False")
    class_ = {"ada": LONG, "bob": RENAMED, "carol": other, "dan": SHORT, "eve": SHORT}
    cells = {name: [Written("nms", text, False)] for name, text in class_.items()}
    assert looks(cells, []) == [
        Look("ada", "nms", 1, "def nms(boxes, scores, iou_threshold):", "the same as bob"),
        Look("bob", "nms", 2, "def nms(b: Tensor, s: Tensor, t: float) -> Tensor:", "the same as ada"),
    ]
    assert looks(cells, [LONG]) == []  # everybody got it


def test_a_function_shared_by_many_names_a_few() -> None:
    cells = {f"s{number:02}": [Written("nms", f"{LONG}# {number}", False)] for number in range(NAMED + 3)}
    shared = looks(cells, [])
    assert [look.student for look in shared] == sorted(cells)
    assert all(look.why.endswith(" and 2 more") for look in shared)
    assert found(LONG, LONG) == []  # a student's own, twice


def test_a_librarys_text_is_known_again() -> None:
    text = inspect.getsource(torchvision.ops.roi_align.__globals__["_bilinear_interpolate"])
    ((line, why),) = found(text.replace("_bilinear_interpolate", "bilinear").replace("height", "tall"))
    assert line == 1
    assert why == "bilinear has the form of torchvision.ops.roi_align._bilinear_interpolate"


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "-" * 100_000 + "1",
        "a." * 50_000 + "b",
        "x" + "[0]" * 50_000,
        "def f(x):\n    return " + "(" * 190 + "x" + ")" * 190,
        "f(" * 150 + ")" * 150,
        "text = '\ud800'\nimport ctypes",
        "x = 1\0",
        "\x0c\r\n\u2028 def f(",
        "class",
        "x = 1e999\ny = 10 ** 10\nz = " + "9" * 4000,
    ],
)
def test_no_text_breaks_it(source: str) -> None:
    start = time.process_time()
    looks({"ada": [Written("nms", source, False), Written("own-1", f"def f(x):\n    return {source}", True)]}, [])
    assert time.process_time() - start < 5


def test_of_one_student_only_so_much_is_read_and_named() -> None:
    assert len(found("import ctypes\n" * 1000)) == MOST
    cells = [Written("own-1", "x = 1\n" * (READ // 6), True), Written("nms", "import ctypes", False)]
    assert [look.where for look in looks({"ada": cells}, [])] == ["nms"]  # exercises come first
    assert looks({"ada": [Written("nms", "import ctypes\n" + " " * READ, False)]}, []) == []


def test_a_class_of_four_hundred_takes_seconds() -> None:
    texts = {each.exercise: each.text for each in answers("lab1_boxes")}
    class_ = {
        f"s{number}": [Written(name, f"{text}\n# {number}", False) for name, text in texts.items()]
        for number in range(400)
    }
    start = time.process_time()
    looks(class_, [])
    assert time.process_time() - start < 5


def test_what_students_wrote_are_solutions_and_cells_of_their_own() -> None:
    solution, own, remark = new_code_cell("a"), new_code_cell("b", id="own-1"), new_markdown_cell("c")
    solution.metadata["nbgrader"] = {"solution": True, "grade_id": "nms"}
    own.metadata["own"] = remark.metadata["own"] = True
    notebook = new_notebook(cells=[new_code_cell("released"), solution, own, remark])
    assert written(notebook) == [Written("nms", "a", False), Written("own-1", "b", True)]
