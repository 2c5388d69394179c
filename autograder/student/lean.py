"""Import torchvision without torch's compiler, in both processes that fork: they start sooner and fork faster.

A fork copies the tables of all memory there is, and whoever starts writing there copies the memory; the compiler is
nearly half of what importing makes. A student's code that wants it (an optimizer does) imports it, once, in its own
process, in a second; in three while a guard watches.
"""

import sys
from types import ModuleType

# nbformat asks jsonschema, and that one this package, which builds its grammars of addresses at every start, for more
# than a second; no notebook has addresses to be checked by it
UNUSED = "rfc3987_syntax"
COMPILER = "torch._dynamo"


def leave_out() -> None:
    """Make :data:`UNUSED` unavailable, and import torchvision without torch's compiler.

    ``torchvision.ops.roi_align`` imports the compiler, which takes as long as torch, for one function of it, needed on
    GPUs only. Until that is called it has a stand-in; whoever imports the compiler afterwards gets it.
    """
    sys.modules[UNUSED] = None  # type: ignore[assignment]
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
