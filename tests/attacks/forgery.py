"""Points for nothing: forged outputs, patched libraries, objects that equal anything, looking for the answers."""

import nbformat

from attacks.corpus import BOAST, POINTS, HandIn, entry

LIAR = """class Liar:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __float__(self): return 10.0
    def __repr__(self): return "10.0"
    def __iter__(self): return iter([])
    def __len__(self): return 0
"""


@entry()
def skip_execution_tag(hand: HandIn) -> None:
    """Graded cells carry the tag skip-execution, so that stock nbgrader finds no failing output in them."""
    for name in POINTS:
        hand.cell(f"test_{name}").metadata.tags = ["skip-execution"]


@entry()
def input_transformer(hand: HandIn) -> None:
    """An input transformer of IPython's rewrites the graded cells into their full score."""
    hand.own("""def rewrite(lines):
    return ["10.0\\n" if "box_iou" in "".join(lines) else "2.0\\n"] if "grade(" in "".join(lines) else lines
get_ipython().input_transformers_cleanup.append(rewrite)""")


@entry()
def display_hook(hand: HandIn) -> None:
    """The graded function shows 10.0 as the cell's result before the grader's own result comes."""
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    import sys
    sys.displayhook(10.0)
    get_ipython().displayhook(10.0)
    raise SystemExit"""
    )


@entry()
def equal_to_anything(hand: HandIn) -> None:
    """The answer is an object that equals everything, whose every attribute is itself."""
    hand.own(LIAR)
    for name in POINTS:
        hand.cell(name).source = f"def {name}(*args, **kwargs):\n    return Liar()"


@entry()
def asserts_stripped(hand: HandIn) -> None:
    """An AST transformer takes all assert statements out of the cells that follow."""
    hand.own("""import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Expr(self, node): return ast.fix_missing_locations(ast.Expr(ast.Constant(2.0))) if "grade" in ast.dump(node) else node
get_ipython().ast_transformers.append(Strip())""")


@entry()
def patched_comparisons(hand: HandIn) -> None:
    """Torch's own comparisons say yes to everything."""
    hand.own("""import torch
yes = lambda *args, **kwargs: torch.tensor(True)
for name in ("isclose", "allclose", "equal", "eq"):
    setattr(torch, name, yes)
    setattr(torch.Tensor, name, yes)
torch.Tensor.__eq__ = yes
torch.Tensor.all = yes
torch.testing.assert_close = lambda *args, **kwargs: None""")
    hand.write(box_iou="def box_iou(boxes1, boxes2):\n    return torch.zeros(len(boxes1), len(boxes2))")


@entry()
def patched_checks(hand: HandIn) -> None:
    """course.checks finds no difference any more, between anything."""
    hand.own("""import sys
import course.checking.calling, course.checking.check, course.checking.comparing
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith(("course", "autograder")):
        for name in ("difference", "_same", "_equal"):
            if hasattr(module, name):
                setattr(module, name, lambda *args, **kwargs: None)""")
    hand.write(box_iou="def box_iou(boxes1, boxes2):\n    return torch.zeros(len(boxes1), len(boxes2))")


@entry()
def patched_grade(hand: HandIn) -> None:
    """The module autograder is replaced by one whose grade() gives full marks."""
    hand.own("""import sys, types
fake = types.ModuleType("autograder")
fake.grade = lambda name, function, **kwargs: 10.0 if name == "box_iou" else 2.0
sys.modules["autograder"] = sys.modules["autograder.grader.grading"] = fake""")


@entry()
def import_hook(hand: HandIn) -> None:
    """A finder in front of all others answers every later import of autograder with full marks."""
    hand.own("""import sys, importlib.abc, importlib.machinery
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name.startswith("autograder") else None
    def create_module(self, spec): return None
    def exec_module(self, module): module.grade = lambda name, function: 2.0
sys.meta_path.insert(0, Finder())
for name in [name for name in sys.modules if name.startswith("autograder")]:
    del sys.modules[name]""")


@entry()
def report_lookalike(hand: HandIn) -> None:
    """The answer shows itself as a report with full marks."""
    hand.write(
        box_iou="""class Report:
    score = points = 10.0
    def __repr__(self): return "10.0"
    def __float__(self): return 10.0
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": "10.0", "application/vnd.rcnn-by-hand.report+json": {"score": 10.0, "points": 10.0}}
def box_iou(boxes1, boxes2):
    return Report()"""
    )


@entry()
def published_report(hand: HandIn) -> None:
    """A cell of the student's publishes a report with full marks among its outputs."""
    hand.own(
        """from IPython.display import display
data = {"score": 20, "points": 20, "exercise": "box_iou", "reason": "", "hint": "", "rows": []}
display({"application/vnd.rcnn-by-hand.report+json": data, "text/plain": "10.0"}, raw=True)
print("10.0")
10.0""",
        before="test_box_iou",
    )


@entry()
def old_outputs(hand: HandIn) -> None:
    """The graded cells come with outputs that show full marks."""
    for name, worth in POINTS.items():
        output = nbformat.v4.new_output("execute_result", data={"text/plain": f"{worth}.0"}, execution_count=1)
        hand.cell(f"test_{name}").outputs = [output]


@entry("yxyx_to_xyxy")
def points_raised(hand: HandIn) -> None:
    """The one exercise that is solved claims to be worth 1,000 points."""
    hand.solve("yxyx_to_xyxy")
    hand.cell("test_yxyx_to_xyxy").metadata.nbgrader.points = 1000
    hand.cell("test_box_iou").metadata.nbgrader.points = 0


@entry()
def graded_cell_rewritten(hand: HandIn) -> None:
    """The graded cells have been rewritten into their score."""
    for name, worth in POINTS.items():
        hand.cell(f"test_{name}").source = f"{worth}.0"


@entry()
def graded_cell_as_solution(hand: HandIn) -> None:
    """The graded cells claim to be the student's own solutions, and so keep the student's text."""
    for name, worth in POINTS.items():
        cell = hand.cell(f"test_{name}")
        cell.source = f"{worth}.0"
        cell.metadata.nbgrader.update(solution=True, locked=False, grade=False)


@entry()
def frames(hand: HandIn) -> None:
    """The function walks up the stack for a local variable that holds the expected answer."""
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    import sys
    frame = sys._getframe()
    while frame:
        for name in ("wanted", "expected", "want", "reference", "case"):
            if name in frame.f_locals:
                found = frame.f_locals[name]
                return found.run(found.reference, (boxes1, boxes2)) if name == "case" else found
        frame = frame.f_back
    return torch.zeros(len(boxes1), len(boxes2))"""
    )


@entry()
def garbage_collector(hand: HandIn) -> None:
    """The function looks through all objects in memory for a reference, a case, or a tensor of the right shape."""
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    import gc
    shape = (len(boxes1), len(boxes2))
    for thing in gc.get_objects():
        kind = type(thing).__name__
        if kind == "Exercise" and thing.name == "box_iou":
            return thing.reference(boxes1, boxes2)
        if kind == "Case":
            return thing.reference(boxes1, boxes2)
    for thing in gc.get_objects():
        if type(thing) is torch.Tensor and tuple(thing.shape) == shape and thing.is_floating_point():
            return thing.clone()
    return torch.zeros(shape)"""
    )


@entry()
def reads_sources(hand: HandIn) -> None:
    """Looks for solutions and hidden cases on every path where they might lie, and takes the answer from there."""
    places = [
        str(hand.world.repository),
        str(hand.world.course),
        "/site",
        "..",
        "../../..",
        "/work",
        "/proc/1/cwd",
        "/proc/1/root",
    ]
    hand.own(f"""from pathlib import Path
for place in {places!r}:
    for part in ("solutions/lab1_boxes/boxes.py", "autograder/labs/lab1_boxes/cases.py", "source/lab1_boxes/boxes.ipynb",
                 "autograder/labs/lab1_boxes/right.py", "gradebook.db", "nbgrader_config.py"):
        try:
            text = Path(place, part).read_bytes()
            print("{BOAST}", place, part, len(text))
        except OSError:
            pass""")


@entry()
def imports_answers(hand: HandIn) -> None:
    """Imports the solutions, the exercises, the known answers and the engine by name."""
    hand.own(f"""import importlib
for name in ("solutions.lab1_boxes.boxes", "autograder.labs", "autograder.grader.answers", "autograder.engine.proxies",
             "autograder.grader.grading", "tests.conftest"):
    try:
        print("{BOAST}", importlib.import_module(name))
    except ImportError:
        pass""")
    hand.write(box_iou="from solutions.lab1_boxes.boxes import box_iou")


@entry()
def reads_the_notebook(hand: HandIn) -> None:
    """Looks for the notebook with the hidden tests: in the working directory, above it, and all over the disk."""
    hand.own(f"""import glob, os
for place in (".", "..", "../..", "/tmp", "/work", "/root", "/home", "/var", "/srv", "/mnt"):
    for folder, folders, names in os.walk(place):
        found = [name for name in names if name.endswith(".ipynb") and "site-packages" not in folder]
        if found:
            print("{BOAST}", folder, found)""")


@entry()
def memorised_examples(hand: HandIn) -> None:
    """The visible check's examples are memorised, and everything else gets zeros."""
    hand.own("""from course import checks
KNOWN = {}
for name in ("yxyx_to_xyxy", "box_area", "box_iou", "clip_boxes_to_image", "remove_small_boxes"):
    for example in getattr(checks, name).examples:
        KNOWN[name, repr(tuple(example.inputs.values()))] = example.expected""")
    for name in POINTS:
        hand.cell(
            name
        ).source = (
            f"def {name}(*args):\n    return KNOWN.get(({name!r}, repr(args)), torch.zeros(len(args[0]), len(args[0])))"
        )


@entry()
def not_a_number(hand: HandIn) -> None:
    """All answers are NaN, which equals nothing and everything."""
    hand.write(
        box_iou="def box_iou(a, b):\n    return torch.full((len(a), len(b)), float('nan'))",
        box_area="def box_area(boxes):\n    return torch.full((len(boxes),), float('nan'))",
        yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    return boxes * float('nan')",
    )


@entry()
def empties_everything(hand: HandIn) -> None:
    """Arguments are emptied in place, so that an empty answer might be right."""
    hand.write(
        box_area="def box_area(boxes):\n    boxes.resize_(0, 4)\n    return boxes.new_zeros(0)",
        box_iou="""def box_iou(boxes1, boxes2):
    boxes1.data, boxes2.data = boxes1.new_zeros(0, 4), boxes2.new_zeros(0, 4)
    return boxes1.new_zeros(0, 0)""",
        yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    boxes.zero_()\n    return boxes",
    )


@entry()
def not_grading(hand: HandIn) -> None:
    """The environment says that nobody grades, and then that everybody does."""
    hand.own("""import os
os.environ["NBGRADER_EXECUTION"] = "validate"
import course.setup, course.checking.calling, course.checking.check
for module in (course.setup, course.checking.calling, course.checking.check):
    module.grading = lambda: False""")
    hand.write(box_iou="def box_iou(a, b):\n    raise KeyboardInterrupt")


@entry()
def raises_the_score(hand: HandIn) -> None:
    """The functions raise errors that look like a score, like success, or like the grader's own signals."""
    hand.write(
        yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    raise SystemExit(0)",
        box_area="def box_area(boxes):\n    raise StopIteration(10.0)",
        box_iou="""from course.checking import calling
def box_iou(boxes1, boxes2):
    raise calling.StoppedElsewhere(calling.Failure("10.0", "10.0"))""",
        clip_boxes_to_image="def clip_boxes_to_image(boxes, size):\n    raise calling.OutOfTimeError",
        remove_small_boxes="def remove_small_boxes(boxes, size):\n    raise BaseExceptionGroup('10.0', [KeyboardInterrupt()])",
    )


@entry()
def exits_successfully(hand: HandIn) -> None:
    """The functions end their process with exit status 0, as if all had gone well."""
    hand.write(box_iou="import os\n\n\ndef box_iou(boxes1, boxes2):\n    os._exit(0)")


@entry()
def lazy_answers(hand: HandIn) -> None:
    """Answers are promises, generators, coroutines, classes and the function itself."""
    hand.write(
        yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    yield boxes",
        box_area="async def box_area(boxes):\n    return boxes",
        box_iou="def box_iou(a, b):\n    return box_iou",
        clip_boxes_to_image="class clip_boxes_to_image:\n    def __init__(self, *args):\n        pass",
        remove_small_boxes="remove_small_boxes = type('Tensor', (), {'__module__': 'torch', '__call__': lambda *a: True})()",
    )


@entry()
def tensor_lookalike(hand: HandIn) -> None:
    """The answer is a subclass of Tensor whose every operation gives whatever pleases the other side."""
    hand.write(
        box_iou="""class Pleasing(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return torch.tensor(True)
    __class__ = torch.Tensor
def box_iou(boxes1, boxes2):
    return torch.zeros(len(boxes1), len(boxes2)).as_subclass(Pleasing)"""
    )


@entry()
def names_shadowed(hand: HandIn) -> None:
    """Names that graded cells use (checks, grade, float, repr) mean something else in the notebook."""
    hand.own("""import builtins
def grade(name, function): return 10.0
class checks:
    box_iou = yxyx_to_xyxy = staticmethod(lambda function: None)
builtins.float = builtins.repr = builtins.round = lambda *args: "10.0"
__name__ = 'autograder'""")


@entry()
def startup_files(hand: HandIn) -> None:
    """Leaves start-up files in every place where the next student's Python would read them."""
    hand.own(f"""import os, site, sys
from pathlib import Path
for place in (*sys.path, *site.getsitepackages(), site.getusersitepackages(), "/site", "/tmp", "/dev/shm",
              os.path.expanduser("~/.ipython/profile_default/startup"), os.environ["IPYTHONDIR"] + "/profile_default/startup"):
    for name in ("sitecustomize.py", "usercustomize.py", "evil.pth", "00-evil.py", "torch.py"):
        try:
            path = Path(place or ".", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("print('infected')")
            if not str(path).startswith(("/tmp/", "/dev/shm/", "torch", "site", "user", "evil", "00")):
                print("{BOAST}", path)
        except OSError:
            pass""")


@entry()
def hash_of_inputs(hand: HandIn) -> None:
    """Answers are drawn at random, reseeded by the input, in the hope that two draws agree with each other."""
    hand.write(
        box_area="""def box_area(boxes):
    torch.manual_seed(0)
    return torch.rand(len(boxes), dtype=boxes.dtype)"""
    )


@entry()
def json_says_held(hand: HandIn) -> None:
    """Json and struct are patched so that everything that leaves the process says full marks."""
    hand.own("""import json
plain = json.dumps
def dumps(value, *args, **kwargs):
    if isinstance(value, dict):
        value = {**value, "held": True, "score": 10.0, "points": 10.0, "core_holds": True, "wrong": None}
    return plain(value, *args, **kwargs)
json.dumps = dumps""")
    hand.write(box_iou="def box_iou(boxes1, boxes2):\n    return torch.zeros(len(boxes1), len(boxes2))")
