"""Lies on the line to the grader: forged replies, endless ones, none at all, and answers that are monsters."""

from attacks.corpus import ANSWERING, EASY, HandIn, entry


def reply(hand: HandIn, text: str, *solved: str) -> None:
    """Have the process answer every call about ``box_iou`` with what ``text`` computes as ``reply`` and ``tensors``."""
    hand.solve(*solved)
    hand.write(box_iou="def box_iou(boxes1, boxes2):\n    return torch.zeros(len(boxes1), len(boxes2))")
    body = text.strip().replace("\n", "\n    ")
    hand.own(
        f"""{ANSWERING}
import torch
plain = me._call
def forged(request, reader):
    reply, tensors = plain(request, reader)
    if request["name"] != "box_iou":
        return reply, tensors
    {body}
    return reply, tensors
me._call = forged""",
        before="box_iou",
    )


def raw(hand: HandIn, text: str, *solved: str) -> None:
    """Have the process answer every call about ``box_iou`` with what ``text`` does to ``line``, the socket."""
    reply(hand, f"import os, socket, struct, time\nline = me.connection.socket\n{text}", *solved)


@entry(*EASY)
def full_marks(hand: HandIn) -> None:
    """The reply says that every case held."""
    reply(
        hand,
        'reply |= {"held": True, "score": 10.0, "wrong": None, "wanted": reply["came"], "core_holds": True}',
        *EASY,
    )


@entry(*EASY)
def nonsense(hand: HandIn) -> None:
    """The reply is noise."""
    raw(hand, "line.sendall(os.urandom(100_000))", *EASY)


@entry(*EASY)
def endless(hand: HandIn) -> None:
    """The reply announces 200 MiB, and comes one byte at a time for ever."""
    raw(
        hand,
        'line.sendall(struct.pack(">II", 100, 200 * 2**20))\nwhile True:\n    line.sendall(b" ")\n    time.sleep(0.01)',
        *EASY,
    )


@entry(*EASY)
def announces_four_gigabytes(hand: HandIn) -> None:
    """The reply's lengths are the largest that there are."""
    raw(hand, 'line.sendall(b"\\xff" * 8)', *EASY)


@entry(*EASY)
def closes_the_line(hand: HandIn) -> None:
    """The process closes its socket, and lives on."""
    raw(hand, "line.shutdown(socket.SHUT_RDWR)\nline.close()", *EASY)


@entry()
def silent(hand: HandIn) -> None:
    """The process lives and never answers any request again."""
    hand.own(
        f"{ANSWERING}\nme.serve = lambda: True\nme.connection.receive = lambda *args: ({{}}, [])\n"
        "from tornado.ioloop import IOLoop\nIOLoop.current().remove_handler(me.connection.socket.fileno())",
        before="remove_small_boxes",
    )


@entry(*EASY)
def steals_the_line(hand: HandIn) -> None:
    """A thread of the student's reads the grader's requests and answers them all the same way."""
    hand.solve(*EASY)
    hand.own(
        f"""{ANSWERING}
import threading, json, struct
from tornado.ioloop import IOLoop
line = me.connection.socket
IOLoop.current().remove_handler(line.fileno())
def thief():
    while True:
        me.connection.receive()
        me.connection.send({{"there": True, "callable": True, "swapped": True, "came": True, "score": 10.0}})
threading.Thread(target=thief, daemon=True).start()""",
        before="box_iou",
    )


@entry(*EASY)
def answers_ahead(hand: HandIn) -> None:
    """A hundred replies come for each request, so that later requests meet earlier answers."""
    reply(hand, "for _ in range(100):\n    me.connection.send(reply, tensors)", *EASY)


@entry(*EASY)
def looks_wrong(hand: HandIn) -> None:
    """What the name stands for is described by numbers where texts are wanted, and lists where truth values are."""
    hand.solve(*EASY)
    hand.own(
        f"{ANSWERING}\nme._lookup = lambda request, reader: ({{'there': [1], 'callable': 'yes', 'type': 7}}, [])",
        before="box_iou",
    )


@entry(*EASY)
def looks_like_a_number(hand: HandIn) -> None:
    """The name is described as the number 10.0 of the grader's own type Report, with a null byte in its name."""
    hand.solve(*EASY)
    hand.own(
        f"{ANSWERING}\nkind = ['autograder.grader.exercise_report', 'Report\\0']\n"
        "me._lookup = lambda request, reader: ({'there': True, 'callable': False, 'type': kind}, [])",
        before="box_iou",
    )


@entry(*EASY)
def safetensors_lies(hand: HandIn) -> None:
    """The tensors' header claims offsets beyond the data, overlaps, negative shapes and unknown dtypes, in turn."""
    raw(
        hand,
        """import itertools, json
count = globals().setdefault("count", itertools.count())
headers = [{"0": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}, {"0": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
           {"0": {"dtype": "EVIL", "shape": [1], "data_offsets": [0, 4]}}, {"0": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}},
           {"0": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, {"__metadata__": {"a": "b"}}]
header = json.dumps(headers[next(count) % len(headers)]).encode()
text = json.dumps(reply).encode()
blob = struct.pack("<Q", len(header)) + header + b"\\0" * 4
line.sendall(struct.pack(">II", len(text), len(blob)) + text + blob)""",
        *EASY,
    )


@entry(*EASY)
def deep_reply(hand: HandIn) -> None:
    """The reply is a list in a list in a list, as deep as 8 MiB allow."""
    raw(hand, 'text = b"[" * 8_000_000\nline.sendall(struct.pack(">II", len(text), 0) + text)', *EASY)


@entry(*EASY)
def deep_answer(hand: HandIn) -> None:
    """The forged answer is a tuple in a tuple, 900 levels deep, with a tensor at the bottom."""
    reply(hand, 'form = {"tensor": 0}\nfor _ in range(300):\n    form = {"tuple": [form]}\nreply["came"] = form', *EASY)


@entry(*EASY)
def wide_answer(hand: HandIn) -> None:
    """The forged answer names one tensor 100,000 times."""
    reply(hand, 'reply["came"] = {"tuple": [{"tensor": 0}] * 100_000}', *EASY)


@entry(*EASY)
def huge_by_strides(hand: HandIn) -> None:
    """The forged answer is one number, expanded to 2 ** 40 by strides of 0, and so is every argument."""
    reply(
        hand,
        'huge = {"tensor": 0, "strided": [[2**20, 2**20], [0, 0]]}\nreply["came"] = huge\nreply["arguments"] = [[0, huge], [1, huge]]',
        *EASY,
    )


@entry(*EASY)
def huge_shares(hand: HandIn) -> None:
    """The reply says that the answer lies in an argument's memory, a billion times over and far outside of it."""
    reply(
        hand,
        'reply["shares"] = [[0, 0, [2**30], [0], 0]] * 5_000 + [[0, 0, [1], [1], 2**40], [0, 0, [4], [1], -8]]',
        *EASY,
    )


@entry(*EASY)
def arguments_retyped(hand: HandIn) -> None:
    """The reply says that arguments have become sparse, complex, of eight bits or boolean, in turn."""
    reply(
        hand,
        """import itertools
count = globals().setdefault("count", itertools.count())
kinds = [torch.float8_e4m3fn, torch.bool, torch.complex64, torch.int8, torch.float64, torch.bfloat16]
kind = kinds[next(count) % len(kinds)]
tensors.append(torch.zeros(2, 2).to(kind) if not kind.is_complex else torch.zeros(2, 2, 2))
form = {"tensor": len(tensors) - 1, **({"complex": True} if kind.is_complex else {})}
reply["arguments"] = [[0, form]] + ([[1, {"odd": True}]] if next(count) % 5 == 0 else [])""",
        *EASY,
    )


@entry(*EASY)
def honestly_retyped(hand: HandIn) -> None:
    """Without any forgery: the function gives its arguments another dtype, another size and other strides."""
    hand.solve(*EASY)
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    boxes1.data = boxes1.data.to(torch.float8_e5m2)
    boxes2.data = boxes2.data[:0].t()
    return torch.zeros(len(boxes1), len(boxes2))"""
    )


@entry(*EASY)
def random_nonsense(hand: HandIn) -> None:
    """The random state that comes back is no random state, and generators come back that were never sent."""
    reply(hand, 'reply["random"] = {"generator": 0}\nreply["generators"] = [[0, {"tensor": 0}], [99, 5]]', *EASY)


@entry(*EASY)
def other_answers(hand: HandIn) -> None:
    """The reply changes answers of earlier and later calls, by numbers below, above and far from theirs."""
    reply(hand, 'reply["answers"] = [[n, p, reply["came"]] for n in (-1, 0, 1, 2**70) for p in (0, -1, 2**70)]', *EASY)


@entry(*EASY)
def module_for_a_function(hand: HandIn) -> None:
    """The reply says that the function made a module, whose weights have names that break out of their places."""
    reply(
        hand,
        'reply["came"] = {"module": 10**30, "training": "x", "state": [["__class__.__init__", "a", True, {"tensor": 0}], ["..", "b", False, 5]]}',
        *EASY,
    )


@entry(*EASY)
def failures_forged(hand: HandIn) -> None:
    """The reply tells of failures of the grader's own kinds, in HTML, with lone surrogates and 5 MB long."""
    reply(
        hand,
        """import itertools
count = globals().setdefault("count", itertools.count())
kinds = ["DeviceMixError", "ReadyMadeError", "Failure", "<script>alert(1)</script>", "\\ud800", "KeyboardInterrupt"]
reply["failure"] = [kinds[next(count) % len(kinds)], "<script>alert(1)</script>\\ud800" + "x" * 5_000_000, "<img src=x onerror=alert(1)>"]""",
        *EASY,
    )


@entry(*EASY)
def failure_of_the_process(hand: HandIn) -> None:
    """The reply gives the whole exercise up, for a reason in HTML with a lone surrogate."""
    reply(hand, 'reply["failure"] = ["process gone", "10 of 10 points <script>alert(1)</script>\\ud800", ""]', *EASY)


@entry(*EASY)
def failure_malformed(hand: HandIn) -> None:
    """The failure has one part, and the answer none."""
    reply(hand, 'reply["failure"] = [1]\nreply["came"] = {}', *EASY)


@entry(*EASY)
def missing_parts(hand: HandIn) -> None:
    """The reply lacks every part that a reply has."""
    reply(hand, "reply, tensors = {}, []", *EASY)


@entry(*EASY)
def odd_types(hand: HandIn) -> None:
    """The answer's type has a name that is no name, and a module that is the grader's."""
    reply(
        hand,
        'reply["came"] = {"other": ["autograder.grader.exercise_report", "<script>alert(1)</script>" + "\\ud800"]}',
        *EASY,
    )


@entry(*EASY)
def tensor_keys(hand: HandIn) -> None:
    """The answer is a dictionary whose keys are tensors, lists and itself."""
    reply(hand, 'reply["came"] = {"dict": [[{"tensor": 0}, 1], [{"list": []}, 2], [{"dict": []}, 3]]}', *EASY)


@entry(*EASY)
def other_devices(hand: HandIn) -> None:
    """The answer is a device and a dtype that this machine lacks, and numbers that are none."""
    reply(hand, 'reply["came"] = {"tuple": [{"device": "cuda:99"}, {"dtype": "float1"}, float("nan"), 10**400]}', *EASY)


@entry(*EASY)
def kernel_messages(hand: HandIn) -> None:
    """Messages on the kernel's own channels have lists where objects belong, for the cell that runs and the ones to come."""
    hand.solve(*EASY)
    hand.own(
        """kernel = get_ipython().kernel
session, line = kernel.session, kernel.iopub_socket
parent = kernel.get_parent()
for kind, content, above in (("status", [1], parent), ("status", {"execution_state": []}, parent), ("stream", [], parent),
                             ("stream", {"text": {}}, parent), ("error", {"traceback": 5}, parent), ("display_data", {"data": []}, parent),
                             ("execute_result", {"data": {"text/plain": ["10.0"], "image/png": "\\"><script>alert(1)</script>"}}, parent),
                             ("error", {"ename": "<script>alert(1)</script>", "traceback": ["<script>alert(1)</script>"]}, parent),
                             ("stream", {"text": "lone \\ud800"}, parent), ("clear_output", {}, parent), ([], {}, parent), ("status", {}, [5])):
    try:
        message = session.msg("status" if kind == [] else kind, content, parent=parent)
        message["content"] = content
        message["parent_header"] = above["header"] if isinstance(above, dict) else above
        message["msg_type"] = message["header"]["msg_type"] = kind
        session.send(line, message)
    except Exception as error:
        print(type(error))""",
        before="box_iou",
    )


@entry(*EASY)
def kernel_replies(hand: HandIn) -> None:
    """The cell's own execute_reply and idle come early and many times, and then noise on all channels."""
    hand.solve(*EASY)
    hand.own(
        """import os
kernel = get_ipython().kernel
parent = kernel.get_parent()
for _ in range(50):
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
    kernel.iopub_socket.send_multipart([b"<IDS|MSG>", b"", os.urandom(20), b"[]", b"[]", b"[]"])
for ident in ([], [b"x"]):
    kernel.session.send(kernel.shell_stream if hasattr(kernel, "shell_stream") else kernel.iopub_socket, "execute_reply",
                        {"status": "ok", "payload": [{"source": "page"}]}, parent=parent, ident=ident)""",
        before="box_iou",
    )


MONSTERS = {
    "expanded": "torch.zeros(1).expand(2**20, 2**20)",
    "deep_list": "__import__('functools').reduce(lambda inner, _: [inner], range(100_000), boxes1)",
    "meta": "torch.zeros(len(boxes1), len(boxes2), device='meta')",
    "sparse": "torch.zeros(len(boxes1), len(boxes2)).to_sparse()",
    "quantised": "torch.quantize_per_tensor(torch.zeros(len(boxes1), len(boxes2)), 0.1, 0, torch.quint8)",
    "eight_bits": "torch.zeros(len(boxes1), len(boxes2)).to(torch.float8_e4m3fn)",
    "complex_lazy": "torch.zeros(len(boxes1), len(boxes2), dtype=torch.complex64).conj().imag",
    "huge_number": "10 ** 100_000",
    "long_text": "'10.0' * 25_000_000",
    "surrogate": "'\\ud800'",
    "float_subclass": "type('float', (float,), {'__eq__': lambda *a: True, '__repr__': lambda self: '10.0'})(10.0)",
}


def _monster(name: str, text: str) -> None:
    def make(hand: HandIn) -> None:
        hand.solve(*EASY)
        hand.write(box_iou=f"def box_iou(boxes1, boxes2):\n    return {text}")

    make.__name__, make.__doc__ = f"monster_{name}", f"The answer is a monster: {text[:70]}."
    entry(*EASY)(make)


for _name, _text in MONSTERS.items():
    _monster(_name, _text)


@entry(*EASY)
def monster_of_monsters(hand: HandIn) -> None:
    """The answer is an object, and then a tensor, whose every method raises, its type's name and module included."""
    hand.solve(*EASY)
    hand.write(
        box_iou="""class Meta(type):
    def __getattribute__(cls, name): raise SystemExit(name)
    def __repr__(cls): raise SystemExit
class Monster(metaclass=Meta):
    def __getattribute__(self, name): raise SystemExit(name)
    def __iter__(self): raise SystemExit
class Tensor2(torch.Tensor):
    def __getattribute__(self, name): raise KeyboardInterrupt(name)
    @classmethod
    def __torch_function__(cls, *args): raise SystemExit
calls = 0
def box_iou(boxes1, boxes2):
    global calls
    calls += 1
    return Monster() if calls % 2 else torch.zeros(len(boxes1), len(boxes2)).as_subclass(Tensor2)"""
    )


@entry(*EASY)
def monster_in_itself(hand: HandIn) -> None:
    """The answer is a list, a dictionary and a tuple that hold themselves."""
    hand.solve(*EASY)
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    answer = [boxes1]
    answer += [answer, {"it": answer}, (answer,)]
    return answer"""
    )


@entry(*EASY)
def monster_error(hand: HandIn) -> None:
    """The error's text is endless, in HTML, with a lone surrogate, and its type's name is a script."""
    hand.solve(*EASY)
    hand.write(
        box_iou="""Evil = type("<script>alert(1)</script>", (Exception,), {"__str__": lambda self: "<script>alert(1)</script>\\ud800" * 10**6})
def box_iou(boxes1, boxes2):
    raise Evil"""
    )
