"""Students' text on its way out: one function for each of Markdown, HTML, terminal and CSV, and none other.

Students name cells and files, choose their ids and word their errors. What they write is shown as they wrote it, and
never becomes a link, a picture, a colour, a command of the terminal or a formula.
"""

import html as standard
import re

CONTROL = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]")  # all but tab, line feed, form feed and carriage return
# Other breaks of lines, lone surrogates, and what turns the direction of a text, so that it reads as another one.
UNSEEN = re.compile("[\f\r\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
WORD = re.compile(r"[A-Za-z0-9]+([_.-][A-Za-z0-9]+)*")
# A spreadsheet takes what begins so for a formula; the wide forms where it is Japanese or Chinese.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def without_control(text: str) -> str:
    """A text as it may enter: without control characters, of which Python code needs only breaks and tabs."""
    return CONTROL.sub("", text)


def markdown(text: str) -> str:
    """A text inside a line of Markdown: a plain word as it is, all else in a code span, in which no markup counts."""
    if WORD.fullmatch(text) and "www." not in text.lower():  # which some renderers make a link of
        return text
    line = " ".join(terminal(text).split()).replace("`", "'")
    return f"`{line}`" if line else "` `"


def html(text: str) -> str:
    """A text inside an HTML element or an attribute in quotes, its lines kept apart."""
    return standard.escape(UNSEEN.sub("", without_control(text))).replace("\n", "<br>")


def terminal(text: str) -> str:
    """A text for a terminal or a log. Rich would read markup in it: give it as ``rich.text.Text(terminal(text))``."""
    return UNSEEN.sub("", without_control(text))


def csv(cell: str | float) -> str | float:
    """A cell of a CSV file; numbers stay numbers, and a text that would be worked out gets a ``'`` in front."""
    if not isinstance(cell, str):
        return cell
    text = terminal(cell)
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith("\t") else text
