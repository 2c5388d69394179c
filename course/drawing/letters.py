"""Letters for pictures: DejaVu Sans, which comes with matplotlib, and for Chinese a part of Noto Sans CJK TC.

``fonts/NotoSansCJKtc-subset.otf`` has the Chinese of usual names of things, and the most frequent characters besides:
about 980. ``benchmarks/assets/chinese_font.py`` makes it; its licence is ``fonts/OFL.txt``. A character that no font
here has is a box in the picture; the text alternative has it.
"""

import contextlib
import dataclasses
import functools
import warnings
from collections.abc import Iterator
from pathlib import Path

from matplotlib import font_manager

CHINESE = Path(__file__).parent / "fonts" / "NotoSansCJKtc-subset.otf"
LATIN = "DejaVu Sans"


@functools.cache
def families() -> list[str]:
    """What matplotlib's ``font.family`` should be: of each character the first font that has it."""
    manager = font_manager.fontManager
    number = len(manager.ttflist)
    manager.addfont(CHINESE)
    entry = manager.ttflist[number]
    manager.ttflist.append(dataclasses.replace(entry, weight="bold"))  # else each bold word is a line about its weight
    return [LATIN, entry.name]


@functools.cache
def file_for(text: str) -> Path:
    """The font's file for a text that is written in one font: the one which has most of its characters."""
    files = [Path(font_manager.findfont(LATIN)), CHINESE]
    known = [font_manager.get_font(str(file)).get_charmap() for file in files]
    return max(zip(files, known, strict=True), key=lambda each: sum(ord(letter) in each[1] for letter in text))[0]


@contextlib.contextmanager
def without_complaints() -> Iterator[None]:
    """Drop matplotlib's warnings about characters that no font has; there would be one for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
        yield
