"""The contact sheet's command: ``python -m course.scenes --count 24 --out sheet.png``."""

import argparse
import re
import sys
from pathlib import Path
from typing import NoReturn

from course.scenes.coco import write_picture
from course.scenes.dataset import Scenes
from course.scenes.sheet import sheet

MOST = 400  # tiles on one sheet
FORMATS = (".png", ".jpg", ".jpeg", ".webp")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> None:
    """Make one contact sheet."""
    parser = _Parser(prog="python -m course.scenes", description="Make a contact sheet of made-up building sites.")
    parser.add_argument("--out", required=True, type=_file, help="the sheet: a .png, .jpg or .webp file")
    parser.add_argument("--count", default=24, type=_number(1, MOST), help="how many scenes (24)")
    parser.add_argument("--size", default=(128, 128), type=_size, help="pixels: 128, or HEIGHTxWIDTH such as 120x200")
    parser.add_argument("--seed", default=0, type=_number(0), help="which dataset (0)")
    parser.add_argument("--columns", default=4, type=_number(1, MOST), help="scenes in a row (4)")
    parser.add_argument(
        "--show", default="both", choices=("both", "plain", "annotated"), help="without or with the truth, or both"
    )
    given = parser.parse_args(arguments)
    try:
        write_picture(given.out, sheet(Scenes(given.count, given.size, given.seed), given.columns, given.show))
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"cannot write {given.out}: {error.strerror or error}")
    print(f"{given.count} scenes: {given.out}", file=sys.stdout)


def _number(least: int, most: int | None = None):  # type: ignore[no-untyped-def]
    """A whole number within bounds."""

    def read(text: str) -> int:
        span = f"{least} or more" if most is None else f"{least} to {most}"
        if not re.fullmatch(r"[+-]?\d{1,9}", text) or not least <= int(text) <= (most or int(text)):
            raise argparse.ArgumentTypeError(f"should be a whole number, {span}; got {text!r}")
        return int(text)

    return read


def _size(text: str) -> tuple[int, int]:
    """One side, or height and width."""
    match = re.fullmatch(r"(\d{1,6})(?:[x×](\d{1,6}))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"should be pixels such as 128, or HEIGHTxWIDTH such as 120x200; got {text!r}")
    height = int(match[1])
    return height, int(match[2] or height)


def _file(text: str) -> Path:
    """A picture in a folder that is there."""
    path = Path(text)
    if path.suffix.lower() not in FORMATS:
        raise argparse.ArgumentTypeError(f"should end with {', '.join(FORMATS)}; got {text!r}")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"the folder {str(path.parent)!r} does not exist")
    return path


if __name__ == "__main__":
    main()
