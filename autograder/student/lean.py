"""Import what grading needs and leave out what it does not: the two processes that fork start in half the time.

Whatever is left out can still be imported afterwards, by a student's code too, but for a debugger.
"""

import sys
from types import ModuleType

# The kernel would make itself ready to be debugged, at every start for a tenth of a second; and nbformat asks
# jsonschema, which asks the second for grammars of addresses, built in more than a second: no notebook has any.
UNUSED = ("debugpy", "rfc3987_syntax")
COMPILER = "torch._dynamo"


def leave_out() -> None:
    """Make :data:`UNUSED` unavailable, and import torchvision without torch's compiler.

    ``torchvision.ops.roi_align`` imports the compiler, which takes as long as torch, for one function of it, needed on
    GPUs only. Until that is called it has a stand-in.
    """
    for name in UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]
    import torch  # noqa: F401  the stand-in must not be met by torch itself

    tools = ModuleType(f"{COMPILER}.utils")
    tools.is_compile_supported = _is_compile_supported  # type: ignore[attr-defined]
    stand_ins = {COMPILER: ModuleType(COMPILER), tools.__name__: tools}
    sys.modules |= stand_ins
    try:
        import torchvision  # noqa: F401
    except ImportError:  # another version of it wants more
        pass
    finally:
        for name in stand_ins:
            del sys.modules[name]


def _is_compile_supported(device_type: str) -> bool:
    from torch._dynamo.utils import is_compile_supported

    return bool(is_compile_supported(device_type))
