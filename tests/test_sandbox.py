"""What a student's code can see, use and reach, asked from inside a kernel."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine import sandbox
from autograder.engine.fork_client import Preloaded, SandboxError
from autograder.engine.kernel import TOO_MUCH, Kernel, KernelGone
from autograder.engine.processes import share_a_core, with_descendants
from autograder.engine.provisioner import NAME, PreloadedKernelspecs, kernelspec
from autograder.engine.proxies import Process
from autograder.grader.remembered_answers import seed_torch
from autograder.student.isolation import DENIED
from autograder.student.protocol import Connection
from course.checking import calling
from course.checking.calling import GONE, StoppedElsewhere
from course.checking.limits import awaiting

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def preloaded() -> Iterator[Preloaded]:
    process = Preloaded(sandboxed=True)
    process.wait()
    yield process
    process.close()
    assert not process.folder.exists()


@pytest.fixture
def kernel(preloaded: Preloaded) -> Iterator[Kernel]:
    started = Kernel(preloaded.address)
    yield started
    started.close()
    assert sorted(path.name for path in preloaded.folder.iterdir()) == ["owner", "preloaded.sock"]


def said(kernel: Kernel, code: str, seconds: float = 30) -> str:
    """What a cell prints, and the errors that it shows."""
    outputs = kernel.run(textwrap.dedent(code), seconds)
    return "".join(output.get("text", output.get("evalue", "")) for output in outputs).strip()


def process(kernel: Kernel) -> Process:
    return Process(Connection(kernel.fork.line), kernel.waiting, lambda name: (), b"secret")


@pytest.mark.parametrize(
    "hidden",
    ["solutions", "autograder/labs", "autograder/grader", "source", "release", "README.md", ".git"],
)
def test_the_course_is_out_of_sight(kernel: Kernel, hidden: str) -> None:
    path = sandbox.ROOT / hidden
    assert path.exists() or hidden == ".git"
    assert said(kernel, f"import os; print(os.path.exists({str(path)!r}))") == "False"
    module = hidden.replace("/", ".")
    assert "No module named" in said(kernel, f"import {module}") or not module.isidentifier()


def test_the_courses_own_weights_are_out_of_sight(kernel: Kernel) -> None:
    assert list((sandbox.ROOT / "course" / "weights").glob("*.safetensors"))
    code = """
        import os, course
        folder = os.path.join(os.path.dirname(course.__file__), "weights")
        print(os.listdir(folder))
        try:
            open(os.path.join(folder, "mine"), "w")
        except OSError as error:
            print(type(error).__name__)
        from course import zoo
        try:
            zoo.detector("boxes")
        except RuntimeError as error:
            print(error)
    """
    (output,) = kernel.run(textwrap.dedent(code), 60, asked=process(kernel).compute)
    listed, refused, words = output.text.splitlines()
    assert listed == "[]"
    assert refused == "OSError"
    assert words == "course.zoo.detector is not here: work is graded without ready-made code"


def test_what_students_have_at_home_is_there(kernel: Kernel) -> None:
    modules = "torch, torchvision, matplotlib, numpy, cv2, tqdm, ipywidgets, course.library"
    assert said(kernel, f"import {modules}; print(torch.ones(2).sum())") == "tensor(2.)"


def test_an_answer_may_optimise_and_gets_nothing_ready_made(kernel: Kernel) -> None:
    """It imports torch's compiler in the middle of a call."""
    said(
        kernel,
        """
        import sys
        import torch, torchvision

        assert "torch._dynamo" not in sys.modules

        def answer(x):
            x = x.clone().requires_grad_()
            optimiser = torch.optim.SGD([x], lr=0.1)
            (x**2).sum().backward()
            optimiser.step()
            return x.detach()

        def cheat(boxes):
            torch.optim.SGD([boxes.clone().requires_grad_()], lr=0.1)
            return torchvision.ops.box_iou(boxes, boxes)
        """,
    )
    judged = Process(
        Connection(kernel.fork.line), kernel.waiting, lambda name: ("torchvision.ops.boxes.box_iou",), b"secret"
    )
    with pytest.raises(StoppedElsewhere, match="ready-made"):
        judged.call("cheat", (torch.ones(2, 4),), {})
    torch.testing.assert_close(judged.call("answer", (torch.ones(2),), {}), torch.tensor([0.8, 0.8]))


def test_random_states_there_tell_no_seed_and_agree_with_themselves(kernel: Kernel) -> None:
    said(
        kernel,
        """
        import torch

        def look(generator):
            seen = torch.initial_seed(), generator.initial_seed(), torch.get_rng_state(), generator.get_state()
            return [*seen, torch.rand(3), torch.rand(3, generator=generator)]
        """,
    )
    judged, found = process(kernel), []
    for _ in range(2):
        seed_torch(41)
        ours = torch.Generator().manual_seed(7)
        states = torch.get_rng_state(), ours.get_state()
        first, second = (judged.call("look", (ours,), {}) for _ in range(2))
        assert not {41, 42, 7} & {*first[:2], *second[:2]}
        assert not any(torch.equal(mine, theirs) for mine, theirs in zip(states, first[2:4], strict=True))
        assert not torch.equal(first[4], second[4])  # what was drawn has moved both on
        assert not torch.equal(first[5], second[5])
        found.append((first, second, torch.rand(3), torch.rand(3, generator=ours)))
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=0)


@pytest.mark.parametrize(
    ("place", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
    ids=["x86_64", "aarch64"],
)
def test_the_numbers_of_denied_system_calls_are_the_kernels(place: int, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"{header} is not installed (Debian: apt-get install linux-libc-dev)")
    numbers = dict(re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", Path(header).read_text()))
    assert {name: int(numbers[name]) for name in DENIED} == {name: both[place] for name, both in DENIED.items()}


def test_nothing_outside_the_scratch_folder_can_be_written(kernel: Kernel) -> None:
    code = """
        import os
        for folder in ["/", "/usr", "/etc", "/home", "/site/course", os.path.dirname(os.__file__), "/proc/sys/kernel"]:
            try:
                open(os.path.join(folder, "hostname"), "w")
                print("wrote into", folder)
            except OSError:
                pass
        open("mine", "w").write("x")
        open("/tmp/mine", "w").write("x")
        print("scratch works")
    """
    assert said(kernel, code) == "scratch works"


def test_there_is_no_network(kernel: Kernel) -> None:
    code = """
        import socket
        print([name for _, name in socket.if_nameindex()])
        try:
            socket.create_connection(("127.0.0.1", 22), 2)
        except OSError as error:
            print(type(error).__name__)
    """
    interfaces, error = said(kernel, code).splitlines()
    assert interfaces == "['lo']"
    assert error == "OSError"  # unreachable: not even the loopback interface is up


def test_no_other_process_is_in_sight(kernel: Kernel, preloaded: Preloaded) -> None:
    other = Kernel(preloaded.address)
    try:
        code = "import os; print(os.getpid(), [name for name in os.listdir('/proc') if name.isdigit()])"
        assert said(kernel, code) == "1 ['1']"
        assert said(kernel, f"os.kill({os.getpid()}, 9)") == "[Errno 3] No such process"
        assert said(kernel, f"os.kill({other.fork.pid}, 9)") == "[Errno 3] No such process"
        said(other, "open('/tmp/secret', 'w').write('x')")
        folders = "print(sorted(os.listdir('/tmp')), os.listdir('/dev/shm'))"
        assert "secret" not in said(kernel, folders)
        assert said(kernel, folders).count("kernel-") == 0
    finally:
        other.close()


def test_there_are_no_rights_and_no_way_to_more(kernel: Kernel) -> None:
    code = """
        import ctypes, os
        status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
        print(os.getuid() != 0, {status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")})
        print(status["NoNewPrivs"], ctypes.CDLL(None).unshare(0x10000000))
    """
    assert said(kernel, code).splitlines() == ["True {'0000000000000000'}", "1 -1"]


def test_the_environment_tells_nothing_of_the_instructor(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(kernel, "import os; print('SECRET_TOKEN' in os.environ, os.environ['HOME'])") == "False /tmp"


def test_memory_and_files_are_limited(kernel: Kernel) -> None:
    code = """
        def attempt(action):
            try:
                action()
                return "no limit"
            except (MemoryError, OSError) as error:
                return type(error).__name__
        print(attempt(lambda: bytearray(6 * 2**30)))
        print(attempt(lambda: open("/tmp/large", "wb").write(bytes(400 * 2**20))))
    """
    assert said(kernel, code).splitlines() == ["MemoryError", "OSError"]


def test_who_starts_many_processes_is_stopped(kernel: Kernel) -> None:
    code = """
        import os, time
        for _ in range(30):
            if not os.fork():
                time.sleep(60)
                os._exit(0)
        time.sleep(60)
    """
    with pytest.raises(KernelGone, match="more than 16 processes"):
        said(kernel, code)


def test_a_loop_is_interrupted_and_a_stubborn_one_ended(kernel: Kernel) -> None:
    assert "more than 1 seconds" in said(kernel, "while True:\n    pass", seconds=1)
    assert said(kernel, "print(1 + 1)") == "2"
    stubborn = """
        import signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            pass
    """
    with pytest.raises(KernelGone, match="did not stop when interrupted"):
        kernel.run(textwrap.dedent(stubborn), 1)


def test_an_end_is_noticed(kernel: Kernel) -> None:
    with pytest.raises(KernelGone, match="ended"):
        kernel.run("import os; os._exit(0)", 30)


def test_a_flood_of_output_is_cut(kernel: Kernel) -> None:
    shown = said(kernel, "for _ in range(2000):\n    print('x' * 100_000)", 60)
    assert TOO_MUCH.strip() in shown or shown.startswith("xxx")
    assert len(shown) < 2**20
    assert said(kernel, "print('still here')") == "still here"


def test_scripts_of_a_student_are_not_kept(kernel: Kernel) -> None:
    code = "from IPython.display import HTML, display; display(HTML('<script>alert(1)</script>'))"
    (output,) = kernel.run(code, 30)
    assert list(output.data) == ["text/plain"]


def test_a_process_that_dies_in_a_call_is_told(kernel: Kernel) -> None:
    said(kernel, "import os\ndef f(x):\n    os._exit(1)")
    remote = process(kernel)
    with pytest.raises(StoppedElsewhere) as stopped:
        remote.lookup("f")(torch.ones(1))
    assert stopped.value.failure.kind == GONE
    with pytest.raises(StoppedElsewhere):
        remote.lookup("f")


def test_what_a_kernel_leaves_behind_ends_with_it(preloaded: Preloaded) -> None:
    kernel = Kernel(preloaded.address)
    said(kernel, "import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True)")
    (child,) = (
        int(number)
        for task in Path(f"/proc/{kernel.fork.pid}/task").iterdir()
        for number in (task / "children").read_text().split()
    )
    handle = os.pidfd_open(child)
    kernel.close()
    with pytest.raises(ProcessLookupError):
        signal.pidfd_send_signal(handle, 0)
    os.close(handle)


def test_other_jupyter_tools_can_use_the_kernels(preloaded: Preloaded) -> None:
    notebook = new_notebook(cells=[new_code_cell("import os, sys; print('torch' in sys.modules, os.getpid())")])
    manager = KernelManager(kernel_spec_manager=PreloadedKernelspecs(address=preloaded.address))
    NotebookClient(notebook, km=manager).execute(cleanup_kc=True)
    manager.shutdown_kernel(now=True)
    assert notebook.cells[0].outputs[0].text == "True 1\n"
    assert kernelspec().metadata["kernel_provisioner"]["provisioner_name"] == NAME


def test_a_preloaded_process_that_cannot_start_says_why() -> None:
    with pytest.raises(SandboxError, match="No module named"):
        Preloaded(sandboxed=True, program="autograder.student.nothing").wait()


def test_a_preloaded_process_that_is_never_ready_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "silent.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.chdir(tmp_path)
    silent = Preloaded(sandboxed=False, program="silent", seconds=0.5)
    with pytest.raises(SandboxError, match=r"it was not ready after 0\.5 seconds"):
        silent.wait()
    assert not silent.folder.exists()


def test_a_preloaded_process_that_says_something_else_is_none() -> None:
    with pytest.raises(SandboxError, match="does not start"):
        Preloaded(sandboxed=True, program="this").wait()


# of the kernel's scheduler, for nice 0 to 19: sched_prio_to_weight in kernel/sched/core.c
WEIGHTS = (1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15)


def nice(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def test_what_a_student_starts_weighs_no_more_than_one_process(kernel: Kernel) -> None:
    code = """
        import os
        for _ in range(14):
            if not os.fork():
                os.setsid()
                while True:
                    pass
    """
    before = nice(kernel.fork.pid)
    kernel.run(textwrap.dedent(code), 30)
    kernel.watch()
    itself, *others = with_descendants(kernel.fork.pid)
    assert len(others) == 14
    assert sum(WEIGHTS[nice(pid) - before] for pid in others) <= WEIGHTS[0] * 1.1
    assert nice(itself) == before  # their answers are judged there


def test_a_single_process_is_left_as_it_is() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        before = nice(child.pid)
        share_a_core([os.getpid(), child.pid])
        share_a_core([os.getpid(), 2**22 + 1])  # one that has ended
        assert nice(child.pid) == before
        child.communicate(b"\n")


def test_who_stands_behind_busy_neighbours_has_as_much_time_as_alone(kernel: Kernel) -> None:
    """By the clock, so much computing takes several times what it may beside others on the same processor."""
    kernel.run(
        "import time\ndef busy():\n    end = time.process_time() + 0.4\n    while time.process_time() < end: pass", 9
    )
    process = Process(Connection(kernel.fork.line, kernel.clock), kernel.waiting, lambda name: (), b"secret")
    processor = min(os.sched_getaffinity(0))
    os.sched_setaffinity(kernel.fork.pid, {processor})
    spin = f"import os, time; os.sched_setaffinity(0, [{processor}]); print(flush=True)\nwhile True: pass"
    # each in a session of its own, as the kernel is: Linux may share a processor among sessions first
    words = [sys.executable, "-c", spin]
    others = [subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) for _ in range(6)]
    for other in others:
        assert other.stdout is not None
        other.stdout.readline()
    start = time.monotonic()
    try:
        with awaiting(kernel.fork.pid), calling.in_time(0.6):
            assert process.lookup("busy")() is None
        took = time.monotonic() - start
    finally:
        for other in others:
            other.kill()
            other.communicate()
    assert took > 0.6 * calling.WAITING
