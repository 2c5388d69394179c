"""Ways to what is ready-made: in the student's process it is not there, by whatever way somebody goes."""

from attacks.corpus import ANSWERING, BOAST, HandIn, entry

HEAD = "from torchvision.ops import box_iou as ready\n"
BODY = "def box_iou(boxes1, boxes2):\n"
FIND = """import glob, importlib, os, sys
def site(pattern):
    return glob.glob(os.path.join(os.path.dirname(os.path.dirname(torch.__file__)), pattern))
"""


@entry()
def in_a_trace(hand: HandIn) -> None:
    """A trace function calls torchvision's box_iou."""
    hand.write(
        box_iou=f"""import sys
{HEAD}{BODY}    found = []
    def trace(frame, event, argument):
        sys.settrace(None)
        found.append(ready(boxes1, boxes2))
    def nothing(): pass
    sys.settrace(trace)
    nothing()
    return found[0]"""
    )


@entry()
def in_an_audit_hook(hand: HandIn) -> None:
    """An audit hook calls torchvision's box_iou."""
    hand.write(
        box_iou=f"""import sys
{HEAD}found, wanted = [], []
def hook(event, arguments):
    if event == "mine":
        found.append(ready(*wanted))
sys.addaudithook(hook)
{BODY}    wanted[:] = [boxes1, boxes2]
    sys.audit("mine")
    return found.pop()"""
    )


@entry()
def in_a_thread(hand: HandIn) -> None:
    """A thread that Python's threading knows nothing of calls torchvision's box_iou."""
    hand.write(
        box_iou=f"""import _thread, queue
{HEAD}{BODY}    found = queue.Queue()
    _thread.start_new_thread(lambda: found.put(ready(boxes1, boxes2)), ())
    return found.get(timeout=2)"""
    )


@entry()
def in_a_thread_of_before(hand: HandIn) -> None:
    """A thread that a cell has started waits for boxes."""
    hand.own(f"""import queue, threading
{HEAD}wanted, found = queue.Queue(), queue.Queue()
def work():
    while True:
        boxes = wanted.get()
        try:
            found.put(ready(*boxes))
        except Exception:
            pass
threading.Thread(target=work, daemon=True).start()""")
    hand.write(box_iou=f"{BODY}    wanted.put((boxes1, boxes2))\n    return found.get(timeout=1)")


@entry()
def in_torchscript(hand: HandIn) -> None:
    """TorchScript compiles torchvision's box_iou, which then makes no call in Python."""
    hand.write(box_iou=f"{HEAD}{BODY}    return torch.jit.script(ready)(boxes1, boxes2)")


@entry()
def in_a_script_of_operators(hand: HandIn) -> None:
    """TorchScript calls the compiled operator."""
    hand.write(
        box_iou=f"""@torch.jit.script
def script(boxes, scores):
    return torch.ops.torchvision.nms(boxes, scores, 0.5)
{BODY}    script(boxes1, boxes1[:, 0])
    return torch.zeros(len(boxes1), len(boxes2))"""
    )


@entry()
def in_a_subclass(hand: HandIn) -> None:
    """A kind of tensor calls torchvision's box_iou when something is done to it."""
    hand.write(
        box_iou=f"""{HEAD}class Mine(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            return ready(*(each.as_subclass(torch.Tensor) for each in args))
{BODY}    return torch.add(boxes1.as_subclass(Mine), boxes2.as_subclass(Mine))"""
    )


@entry()
def in_a_hash(hand: HandIn) -> None:
    """The hash of a constant calls torchvision's box_iou."""
    hand.write(
        box_iou=f"""{HEAD}class Key:
    def __hash__(self):
        self.found = ready(*self.boxes)
        return 1
key = Key()
{BODY}    key.boxes = boxes1, boxes2
    {{key}}
    return key.found"""
    )


@entry()
def by_the_library(hand: HandIn) -> None:
    """The course's own box_iou, by the name of its place."""
    hand.write(
        box_iou=f"from course.labs.lab1_boxes.library import box_iou as ready\n{BODY}    return ready(boxes1, boxes2)"
    )


@entry()
def by_an_alias(hand: HandIn) -> None:
    """A module of the course that has imported torchvision's box_iou for itself."""
    hand.write(box_iou=f"from course.metrics.errors import box_iou as ready\n{BODY}    return ready(boxes1, boxes2)")


@entry()
def by_its_sister(hand: HandIn) -> None:
    """The generalized IoU of pairs of boxes in one place is the IoU."""
    hand.write(
        box_iou=f"from torchvision.ops import generalized_box_iou as sister\n{BODY}    return sister(boxes1, boxes2).clamp(min=0)"
    )


@entry()
def by_bisection(hand: HandIn) -> None:
    """NMS keeps the second of two boxes up to a threshold: their IoU."""
    hand.write(
        box_iou=f"""from torchvision.ops import nms
def one(a, b):
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        kept = len(nms(torch.stack((a, b)), torch.tensor([1.0, 0.5]), middle)) == 2
        low, high = (low, middle) if kept else (middle, high)
    return high
{BODY}    return torch.tensor([[one(a, b) for b in boxes2] for a in boxes1]).reshape(len(boxes1), len(boxes2))"""
    )


@entry()
def by_ctypes(hand: HandIn) -> None:
    """The compiled library is loaded past torch."""
    hand.write(
        box_iou=f"""import ctypes
{FIND}{BODY}    ctypes.CDLL(site("torchvision/_C*.so")[0])
    torch.ops._OpNamespace("torchvision").nms(boxes1, boxes1[:, 0], 0.5)
    raise SystemExit("{BOAST}")"""
    )


@entry()
def by_load_library(hand: HandIn) -> None:
    """The compiled library is loaded by torch."""
    hand.write(
        box_iou=f"""{FIND}{BODY}    torch.classes.load_library(site("torchvision/_C*.so")[0])
    type(torch.ops).load_library(torch.ops, site("torchvision/_C*.so")[0])
    raise SystemExit("{BOAST}")"""
    )


@entry()
def by_torchvisions_text(hand: HandIn) -> None:
    """The text of torchvision is read and run."""
    hand.write(
        box_iou=f"""{FIND}{BODY}    space = {{"__name__": "torchvision.ops.copy", "__package__": "torchvision.ops"}}
    exec(open(site("torchvision/ops/boxes.py")[0]).read(), space)
    return space["box_iou"](boxes1, boxes2)"""
    )


@entry()
def by_the_librarys_text(hand: HandIn) -> None:
    """The course's text is read and run."""
    hand.write(
        box_iou=f"""import course, os
{BODY}    space = {{}}
    exec(open(os.path.join(course.__path__[0], "labs/lab1_boxes/library.py")).read(), space)
    return space["box_iou"](boxes1, boxes2)"""
    )


@entry()
def by_compiled_text(hand: HandIn) -> None:
    """What Python has compiled of the library and of torchvision is read and run."""
    hand.write(
        box_iou=f"""import course, marshal
{FIND}{BODY}    files = glob.glob(course.__path__[0] + "/labs/lab1_boxes/__pycache__/library*") + site("torchvision/ops/__pycache__/boxes*")
    space = {{"__name__": "copy"}}
    exec(marshal.loads(open(files[0], "rb").read()[16:]), space)
    return space["box_iou"](boxes1, boxes2)"""
    )


@entry()
def by_inspection(hand: HandIn) -> None:
    """The text of what was imported is asked for."""
    hand.write(
        box_iou=f"""import inspect
{HEAD}{BODY}    space = dict(globals())
    exec(inspect.getsource(ready), space)
    return space["box_iou"](boxes1, boxes2)"""
    )


@entry()
def by_another_finder(hand: HandIn) -> None:
    """What finds stand-ins is taken away, and torchvision imported anew."""
    hand.write(
        box_iou=f"""import sys
{BODY}    sys.meta_path[:] = [each for each in sys.meta_path if type(each).__name__ != "Finder"]
    for name in [name for name in sys.modules if name.startswith("torchvision")]:
        del sys.modules[name]
    from torchvision.ops import box_iou
    return box_iou(boxes1, boxes2)"""
    )


@entry()
def by_collected_garbage(hand: HandIn) -> None:
    """All functions that the process holds are looked through."""
    hand.own("""import gc, types
candidates = [thing for thing in gc.get_objects() if type(thing) is types.FunctionType
              and thing.__name__ in ("box_iou", "_box_inter_union", "overlap")]""")
    hand.write(
        box_iou=f"""{BODY}    for each in candidates:
        try:
            return each(boxes1, boxes2)
        except Exception:
            pass
    raise LookupError"""
    )


@entry()
def by_the_bare_operator(hand: HandIn) -> None:
    """The operator is taken out of its packet."""
    hand.write(
        box_iou=f"""{BODY}    torch.ops.torchvision.nms._op(boxes1, boxes1[:, 0], 0.5)
    raise SystemExit("{BOAST}")"""
    )


@entry()
def by_opencv(hand: HandIn) -> None:
    """OpenCV's NMS, and a second copy of OpenCV."""
    hand.write(
        box_iou=f"""import importlib.machinery, importlib.util
import cv2
{FIND}{BODY}    try:
        cv2.dnn.NMSBoxes([[0, 0, 1, 1]], [1.0], 0.0, 0.5)
    except Exception:
        loader = importlib.machinery.ExtensionFileLoader("cv2", site("cv2/cv2*.so")[0])
        module = importlib.util.module_from_spec(importlib.util.spec_from_loader("cv2", loader))
        module.dnn.NMSBoxes([[0, 0, 1, 1]], [1.0], 0.0, 0.5)
    raise SystemExit("{BOAST}")"""
    )


@entry()
def by_pycocotools(hand: HandIn) -> None:
    """The IoU of boxes by pycocotools."""
    hand.write(
        box_iou=f"""from pycocotools import mask
{BODY}    a, b = (torch.cat((each[:, :2], each[:, 2:] - each[:, :2]), 1).double().numpy() for each in (boxes1, boxes2))
    return torch.from_numpy(mask.iou(a, b, [0] * len(b))).to(boxes1)"""
    )


@entry()
def by_pycocotools_library(hand: HandIn) -> None:
    """The compiled library of pycocotools, loaded from its file."""
    hand.write(
        box_iou=f"""import importlib.machinery, importlib.util
{FIND}{BODY}    loader = importlib.machinery.ExtensionFileLoader("pycocotools._mask", site("pycocotools/_mask*.so")[0])
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("pycocotools._mask", loader))
    a, b = (torch.cat((each[:, :2], each[:, 2:] - each[:, :2]), 1).double().numpy() for each in (boxes1, boxes2))
    return torch.from_numpy(module.iou(a, b, [0] * len(b))).to(boxes1)"""
    )


@entry()
def by_a_program(hand: HandIn) -> None:
    """Another Python, in which everything is there."""
    hand.own("""import io, subprocess, sys
def run(code, data=b""):
    return subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True).stdout
run("import torchvision")""")
    hand.write(
        box_iou=f"""CODE = "import sys, io, torch, torchvision; a, b = torch.load(io.BytesIO(sys.stdin.buffer.read())); torch.save(torchvision.ops.box_iou(a, b), sys.stdout.buffer)"
run("import torch")
{BODY}    data = io.BytesIO()
    torch.save((boxes1, boxes2), data)
    return torch.load(io.BytesIO(run(CODE, data.getvalue())))"""
    )


@entry()
def by_a_servant(hand: HandIn) -> None:
    """A process that a cell has forked answers by the same line to the grader."""
    hand.own(f"""import io, os
{HEAD}to, back = os.pipe(), os.pipe()
if not os.fork():
    import signal
    signal.alarm(60)
    while True:
        a, b = torch.load(io.BytesIO(os.read(to[0], 65536)))
        data = io.BytesIO()
        try:
            torch.save(ready(a, b), data)
        except Exception:
            torch.save(torch.zeros(len(a), len(b)), data)
        os.write(back[1], data.getvalue())""")
    hand.write(
        box_iou=f"""{BODY}    data = io.BytesIO()
    torch.save((boxes1, boxes2), data)
    os.write(to[1], data.getvalue())
    return torch.load(io.BytesIO(os.read(back[0], 65536)))"""
    )


@entry()
def by_unmounting(hand: HandIn) -> None:
    """What lies over torchvision's folder is to be taken away."""
    hand.write(
        box_iou=f"""import ctypes, os
import torchvision
{BODY}    folder = os.path.join(torchvision.__path__[0], "ops")
    ctypes.CDLL(None).umount2(folder.encode(), 2)
    space = {{"__name__": "torchvision.ops.copy", "__package__": "torchvision.ops"}}
    exec(open(os.path.join(folder, "boxes.py")).read(), space)
    return space["box_iou"](boxes1, boxes2)"""
    )


ASKING = (
    ANSWERING
    + """from autograder.student import deputy
def ask(name, *args):
    return deputy.Question(name, args, {}).answer()
"""
)


@entry()
def by_asking_for_the_reference(hand: HandIn) -> None:
    """The grader is asked for things that a stand-in would never name."""
    hand.write(
        box_iou=f"""{ASKING}{BODY}    for name in ("solutions.lab1_boxes.boxes.box_iou", "autograder.served.SERVED", "builtins.eval",
                 "torchvision.ops.boxes.box_iou.__call__", "course.metrics.errors.box_iou", "course.library.ops.box_iou"):
        try:
            return ask(name, boxes1, boxes2)
        except Exception:
            pass
    raise LookupError"""
    )


@entry()
def by_asking_out_of_turn(hand: HandIn) -> None:
    """A question for the reference in the place of an answer."""
    hand.write(
        box_iou=f"""{ASKING}{BODY}    me.connection.send({{"do": "compute", "name": "course.library.box_iou"}})
    return ask("course.library.box_iou", boxes1, boxes2)"""
    )


@entry()
def by_transforms(hand: HandIn) -> None:
    """The transforms of torchvision clip boxes as well."""
    hand.write(
        clip_boxes_to_image="""from torchvision.transforms.v2.functional import clamp_bounding_boxes
def clip_boxes_to_image(boxes, size):
    return clamp_bounding_boxes(boxes, format="XYXY", canvas_size=size)"""
    )


@entry()
def by_pickle(hand: HandIn) -> None:
    """A pickle names torchvision's box_iou, so that no line of Python imports it."""
    hand.write(
        box_iou=f"""import pickle
ready = pickle.loads(b"ctorchvision.ops.boxes\\nbox_iou\\n.")
{BODY}    return ready(boxes1, boxes2)"""
    )


@entry()
def by_running_the_module(hand: HandIn) -> None:
    """The module of torchvision is run as a program, which gives its names."""
    hand.write(
        box_iou=f"""import runpy
{BODY}    return runpy.run_module("torchvision.ops.boxes")["box_iou"](boxes1, boxes2)"""
    )


@entry()
def by_another_root(hand: HandIn) -> None:
    """Every process shows its root below /proc, in which torchvision's folder may lie uncovered."""
    hand.write(
        box_iou=f"""{FIND}{BODY}    for text in glob.glob("/proc/*/root" + os.path.dirname(torch.__file__) + "/../torchvision/ops/boxes.py"):
        try:
            space = {{"__name__": "copy"}}
            exec(open(text).read(), space)
            return space["_box_inter_union"](boxes1, boxes2)[0]
        except Exception:
            pass
    raise LookupError"""
    )


@entry()
def by_open_descriptors(hand: HandIn) -> None:
    """A folder that somebody left open leads past what is mounted over it."""
    hand.write(
        box_iou=f"""import os
{BODY}    for number in os.listdir("/proc/self/fd"):
        for up in (".", "..", "../.."):
            try:
                inside = os.open(up + "/torchvision/ops/boxes.py", os.O_RDONLY, dir_fd=int(number))
            except (OSError, ValueError):
                continue
            space = {{"__name__": "copy"}}
            exec(os.read(inside, 2**20), space)
            return space["box_iou"](boxes1, boxes2)
    raise LookupError"""
    )


@entry()
def by_a_file_handle(hand: HandIn) -> None:
    """A file is opened by its number on the disk, for which no mount stands in the way."""
    hand.write(
        box_iou=f"""import ctypes, os, struct
{BODY}    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/", os.O_RDONLY)
    for inode in (2, 128, 256):
        handle = ctypes.create_string_buffer(struct.pack("<IiQ", 8, 1, inode), 64)
        root = libc.open_by_handle_at(here, handle, os.O_RDONLY)
        if root >= 0:
            raise SystemExit("{BOAST}")
    raise LookupError"""
    )


@entry()
def by_another_interpreter(hand: HandIn) -> None:
    """A second interpreter in the same process has finders of its own."""
    hand.write(
        box_iou=f"""import _xxsubinterpreters as interpreters
{BODY}    other = interpreters.create()
    interpreters.run_string(other, "import torchvision.ops; print(torchvision.ops.box_iou)")
    raise SystemExit("{BOAST}")"""
    )


@entry()
def by_spawned_workers(hand: HandIn) -> None:
    """Workers of multiprocessing begin as Python begins, without what this process has put in the way."""
    hand.own("""import multiprocessing
workers = multiprocessing.get_context("spawn").Pool(1)""")
    hand.write(box_iou=f"""{HEAD}{BODY}    return workers.apply_async(ready, (boxes1, boxes2)).get(timeout=5)""")
