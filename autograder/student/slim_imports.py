"""Import torchvision without torch's compiler, where it is imported at all: processes start sooner and fork faster.

A fork copies the tables of all memory there is, and whoever starts writing there copies the memory; the compiler is
nearly half of what importing makes. A student's code that wants it (an optimizer does) imports it, once, in its own
process, in a second.
"""

import sys
from types import ModuleType

# nbformat asks jsonschema, and that one this package, which builds its grammars of addresses at every start, for more
# than a second; no notebook has addresses to be checked by it
UNUSED = "rfc3987_syntax"


def without_grammars() -> None:
    """Make :data:`UNUSED` unavailable."""
    sys.modules[UNUSED] = None  # type: ignore[assignment]


def leave_out() -> None:
    """Make :data:`UNUSED` unavailable, and import torchvision without torch's compiler.

    ``torchvision.ops.roi_align`` imports the compiler, which takes as long as torch, for one function of it, needed on
    GPUs only. Until that is called it has a stand-in; whoever imports the compiler afterwards gets it.
    """
    without_grammars()
    from autograder.student.torch_internals import COMPILER, is_compile_supported  # before torch meets the stand-in

    tools = ModuleType(f"{COMPILER}.utils")
    tools.is_compile_supported = is_compile_supported  # type: ignore[attr-defined]
    stand_ins = {COMPILER: ModuleType(COMPILER), tools.__name__: tools}
    sys.modules |= stand_ins
    try:
        import torchvision  # noqa: F401
    except ImportError:  # another version of it wants more
        pass
    finally:
        for name in stand_ins:
            del sys.modules[name]
