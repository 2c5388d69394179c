"""Bubblewrap around the preloaded process: what students' code sees of this machine."""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from autograder.spec import ROOT, current

NOBODY = 65534
TRIAL = 30.0  # seconds that bubblewrap may take to start on a busy machine; it takes a hundredth of one
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc/alternatives", "/etc/fonts")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts")
KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
# forks take only one thread along, and submissions are judged side by side anyhow
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
SITE = "/site"  # where what students' code sees of our packages and the course's is found in the sandbox
NATIVE = ("torch/lib/libtorch_cpu*",)  # hidden once torch is imported: another process would have all its operators
# what answering the grader needs
OURS = (
    "autograder/student",
    "course/__init__.py",
    "course/checking",
    "course/duplicates.py",
    "course/errors.py",
    "course/setup.py",
)


@functools.cache
def lacking(seconds: float = TRIAL) -> str:
    """Why there is no sandbox on this machine, or ``""``; bubblewrap has so many seconds to start in."""
    if not sys.platform.startswith("linux"):
        return f"bubblewrap runs on Linux only, and this is {sys.platform}"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian and Ubuntu: sudo apt-get install bubblewrap)"
    trial = [*_shell(), "--ro-bind", "/", "/", "--", "unshare", "--user", "--pid", "--mount", "--fork", "true"]
    try:
        done = subprocess.run(trial, capture_output=True, text=True, errors="replace", timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"bubblewrap hangs here: it did not run `true` within {seconds:g} seconds"
    except OSError as error:
        return f"bubblewrap cannot be started: {error}"
    return f"bubblewrap does not work here: {' '.join(done.stderr.split())}" if done.returncode else ""


def environment(home: str = "/tmp") -> dict[str, str]:
    """The environment of students' code: nothing of the instructor's own but language and time zone."""
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "PYTHONPATH": SITE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "NBGRADER_EXECUTION": "autograde",
        **ONE_THREAD,
        "MPLCONFIGDIR": f"{home}/matplotlib",
        "IPYTHONDIR": f"{home}/ipython",
        "JUPYTER_PLATFORM_DIRS": "1",
    }


def keep() -> list[str]:
    """The folders that Python itself needs."""
    folders = {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    folders |= {os.path.realpath(folder) for folder in folders} | {"/usr"}
    nested = {folder for folder in folders if any(str(parent) in folders for parent in Path(folder).parents)}
    return sorted(folders - nested - {"/usr"})


def command(folder: Path, program: list[str]) -> list[str]:
    """``program`` inside bubblewrap: no network, everything read-only, and of our files only what students may see.

    Args:
        folder: the one folder that stays writable: the kernels' sockets.
        program: what to run, word by word.
    """
    words = _shell()
    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            words += ["--ro-bind", path, path]
    for path in SYSTEM_FILES:
        words += ["--ro-bind-try", path, path]
    words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp", "--tmpfs", "/home"]
    for path in keep():
        words += [*_parents(path), "--ro-bind", path, path]
    course = current()
    for root, places in ((ROOT, _besides(course.packages)), (course.root, course.packages)):
        for place in places:
            words += [*_parents(f"{SITE}/{place}"), "--ro-bind", str(root / place), f"{SITE}/{place}"]
    for place in course.hidden:
        words += ["--tmpfs", f"{SITE}/{place}", "--remount-ro", f"{SITE}/{place}"]
    words += ["--bind", str(folder), str(folder), "--remount-ro", "/", "--remount-ro", "/home"]
    # whoever grades as an ordinary user owns these; files in them would take memory without limit and outlive a kernel
    words += ["--remount-ro", "/dev", "--chdir", "/tmp", "--clearenv"]
    for name, value in environment().items():
        words += ["--setenv", name, value]
    return [*words, "--", *program]


def _besides(packages: tuple[str, ...]) -> list[str]:
    """What of :data:`OURS` a course's packages do not bring along."""
    return [place for place in OURS if not any(Path(place).is_relative_to(package) for package in packages)]


def _parents(path: str) -> list[str]:
    """Make the folders above a path for everybody to pass: bubblewrap's own are for their owner alone."""
    above = [str(parent) for parent in reversed(Path(path).parents)][1:]
    return [word for folder in above for word in ("--perms", "0755", "--dir", folder)]


def _shell() -> list[str]:
    """Bubblewrap with all its namespaces.

    As root there is no user namespace at first: the preloaded process gives root up by itself, since root mapped into
    a user namespace still is root to the limit on processes.
    """
    words = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    words += ["--die-with-parent", "--new-session"]
    if os.getuid() == 0:
        needed = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN")
        return [*words, "--cap-drop", "ALL", *(word for name in needed for word in ("--cap-add", name))]
    return [*words, "--unshare-user"]
