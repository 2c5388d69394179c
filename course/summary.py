"""A summary of many things that have names: a headline, and a reason for each that is special."""

import textwrap
from collections.abc import Mapping

WIDTH = 110  # of a line
FEW = 3  # so many names stand before their reason, more behind it


def summary(headline: str, lines: Mapping[str, str]) -> str:
    """A headline, and for each name what is special about it; names with the same reason share a line."""
    names: dict[str, list[str]] = {}
    for name, reason in lines.items():
        names.setdefault(reason, []).append(name)
    few = {reason: ", ".join(shared) for reason, shared in names.items() if len(shared) <= FEW}
    width = max(map(len, few.values()), default=0)
    rows = [f"  {shared:<{width}}  {reason}" for reason, shared in few.items()]
    for reason, shared in names.items():
        if reason not in few:
            text = f"{reason}: {', '.join(shared)}"
            rows.append(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="    "))
    return "\n".join([headline + (":" if rows else "."), *rows])
