"""What shuts one student's process in: namespaces of its own, no capabilities, limits on what it may use.

Linux only. The caller runs inside bubblewrap already, with the system read-only and without network
(:mod:`autograder.engine.sandbox`); this separates one student from the next. See namespaces(7) and capabilities(7).
"""

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NoReturn

NEW_USER, NEW_PID, NEW_MOUNTS, NEW_IPC, NEW_NET, NEW_UTS = (
    0x10000000, 0x20000000, 0x00020000, 0x08000000, 0x40000000, 0x04000000,
)  # fmt: skip
READ_ONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
SET_DUMPABLE, SET_SECCOMP, DROP_BOUND, SET_NO_NEW_PRIVS, CLEAR_AMBIENT = 4, 22, 24, 38, 47
LAST_CAPABILITY = 63
MIB = 2**20

MEMORY = 2048 * MIB  # more than the preloaded process has
PROCESSES = 64  # threads count as well
FILES = 512
FILE_SIZE = 128 * MIB
SCRATCH = 256 * MIB
SHARED_MEMORY = 64 * MIB
CPU_SECONDS = 1200

# System calls that no student's code needs: their numbers by architecture.
MACHINES = ("x86_64", "aarch64")
DENIED = {
    # give memory that counts for no process
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    # the widest doors into the kernel
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
}
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # the kernel's names for them
ANOTHER = 0x40000000  # the first number of x86-64's second set of system calls, the x32 ABI

_libc = ctypes.CDLL(None, use_errno=True)


def isolate(folder: Path, keep: list[str], hidden: Collection[str] = ()) -> Callable[[], None]:
    """Put this process, which has one thread, into namespaces of its own; returns in a child that is the first there.

    Gives a function that makes ``folder`` read-only for good. It is to be called before any of the student's code runs:
    the folder lies on the grader's disk, which could be filled from there, and files in it would outlive the process.

    Args:
        folder: the one folder outside the scratch space that it may write into: its kernel's sockets.
        keep: the folders that Python needs; those below /tmp are there all the same.
        hidden: files and folders that are empty from now on, in all of those folders that are one.

    Raises:
        OSError: the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    # RLIMIT_NPROC comes later: a user namespace takes the limit that it is made under as a bound for its maker, who is
    # the same for all kernels; a bomb in one, or many at a time, would leave the others without threads
    _checked(_libc.prctl(SET_DUMPABLE, 1, 0, 0, 0), "prctl")  # else /proc/self belongs to root after a change of user
    _checked(_libc.unshare(NEW_USER | NEW_PID | NEW_MOUNTS | NEW_IPC | NEW_NET | NEW_UTS), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    asked, ask = os.pipe()
    done, tell = os.pipe()
    if os.fork():
        _stay_to_seal(folder, asked, tell)
    os.close(asked)
    os.close(tell)
    _mount("none", "/", "", RECURSIVE | PRIVATE)
    _own_tmp([str(folder), *keep])
    _hide(hidden, keep)
    _mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV | NOEXEC, f"size={SHARED_MEMORY}")
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    Path("/proc/self/oom_score_adj").write_text("1000")
    _limit()
    _drop_capabilities()
    _deny()
    os.setsid()
    os.chdir("/tmp")

    def seal() -> None:
        os.write(ask, b".")
        sealed = os.read(done, 1)
        os.close(ask)
        os.close(done)
        if not sealed:
            raise OSError(f"{folder} could not be made read-only")

    return seal


def _stay_to_seal(folder: Path, asked: int, tell: int) -> NoReturn:
    """Make ``folder`` read-only once the child asks for it, and tell it: the right to mount, which it gives up."""
    os.dup2(asked, 0)
    os.dup2(tell, 1)
    os.closerange(2, 1024)  # the connection too: its end is the child's end
    if os.read(0, 1):
        kept = os.statvfs(folder).f_flag & NOEXEC  # in a namespace of its own nobody may take that away
        _mount("none", str(folder), "", REMOUNT | BIND | READ_ONLY | NOSUID | NODEV | kept)
        os.write(1, b".")
    os._exit(0)


def become(user: int) -> None:
    """Go on as an ordinary user without groups: for whoever grades as root, whom no limit on processes binds."""
    # bubblewrap covers parts of root's /proc, and the kernel lets nobody mount another one where parts are covered
    _mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _own_tmp(keep: list[str]) -> None:
    """A /tmp of its own; what must stay of the old one is mounted again."""
    handles = {path: os.open(path, os.O_PATH) for path in keep if path.startswith("/tmp/")}
    _mount("tmpfs", "/tmp", "tmpfs", NOSUID | NODEV, f"size={SCRATCH},nr_inodes=20000,mode=0755")
    for path, handle in handles.items():
        Path(path).mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{handle}", path, "", BIND | RECURSIVE)
        os.close(handle)


def _hide(paths: Collection[str], folders: list[str]) -> None:
    """Have paths lead to nothing, wherever else the folders that they lie in are found."""
    for path in paths:
        above = [folder for folder in folders if path.startswith(f"{folder}/")]
        twins = [twin for folder in above for twin in folders if os.path.realpath(twin) == os.path.realpath(folder)]
        for each in {path, *(twin + path[len(folder) :] for folder in above for twin in twins)}:
            if os.path.isdir(each):
                _mount("tmpfs", each, "tmpfs", READ_ONLY | NOSUID | NODEV | NOEXEC, "size=4k")
            elif os.path.exists(each):
                _mount(os.devnull, each, "", BIND)


def _limit() -> None:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    memory = int(status["VmData"].split()[0]) * 1024 + MEMORY
    for kind, limit in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def _drop_capabilities() -> None:
    """Give up every capability, those in the own namespaces too, for good."""
    for capability in range(LAST_CAPABILITY + 1):
        _libc.prctl(DROP_BOUND, capability, 0, 0, 0)  # fails beyond the kernel's last one
    _libc.prctl(CLEAR_AMBIENT, 4, 0, 0, 0)
    _checked(_libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")


def _deny() -> None:
    """Refuse the system calls of :data:`DENIED` from now on, here and in every process that comes of this one."""
    machine = platform.machine()
    if machine not in MACHINES:
        return
    denied = [numbers[MACHINES.index(machine)] for numbers in DENIED.values()]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06  # classic BPF: load a word, jump if, return
    allow, refuse = 0x7FFF0000, 0x00050001  # the latter with EPERM
    tests = [(at_least, ANOTHER), *((equal, number) for number in denied)]
    lines = [(load, 0, 0, 4), (equal, 1, 0, ARCHITECTURE[machine]), (give, 0, 0, refuse), (load, 0, 0, 0)]
    lines += [(kind, len(tests) - place, 0, number) for place, (kind, number) in enumerate(tests)]
    lines += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    head = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(program))
    _checked(_libc.prctl(SET_SECCOMP, 2, ctypes.c_char_p(head), 0, 0), "prctl")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    done = _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _checked(done, f"mount {target}")


def _checked(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
