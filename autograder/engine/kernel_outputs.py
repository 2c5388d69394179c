"""The outputs of a student's cell, made of a kernel's messages."""

import json
from typing import Any

import nbformat
from nbformat import NotebookNode

SHOWN = 2**19  # bytes of one cell's outputs that are kept
PICTURES = ("image/png", "image/jpeg")


class Outputs:
    """The outputs of one cell as a notebook keeps them: text and pictures, within ``room`` bytes.

    HTML and scripts of a student would run in the browser of whoever looks at the submission; their text form stays.
    """

    def __init__(self, room: int) -> None:
        self.cells: list[NotebookNode] = []
        self._left = room

    def take(self, message: dict[str, Any]) -> None:
        """Add the output that a message tells of, if it does."""
        kind, content = message.get("msg_type"), message["content"]
        if kind == "clear_output":
            self.cells.clear()
        elif kind == "stream":
            name = "stderr" if content.get("name") == "stderr" else "stdout"
            self._stream(name, str(content.get("text", "")))
        elif kind in ("display_data", "execute_result"):
            data = content.get("data")
            self.add(nbformat.v4.new_output("display_data", data=_harmless(data if isinstance(data, dict) else {})))
        elif kind == "error":
            self.add(
                error_output(
                    str(content.get("ename"))[:200], str(content.get("evalue"))[:2000], content.get("traceback")
                )
            )

    def add(self, output: NotebookNode) -> None:
        """Add an output if there is room."""
        size = len(json.dumps(output))
        if size <= self._left:
            self._left -= size
            self.cells.append(output)

    def _stream(self, name: str, text: str) -> None:
        text = text[: self._left]
        self._left -= len(text)
        last = self.cells[-1] if self.cells else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        elif text:
            self.cells.append(nbformat.v4.new_output("stream", name=name, text=text))


def _harmless(data: dict[str, Any]) -> dict[str, str]:
    kept = {kind: data[kind] for kind in PICTURES if isinstance(data.get(kind), str) and data[kind].isascii()}
    return {"text/plain": str(data.get("text/plain", ""))[:20000], **kept}


def error_output(name: str, value: str, trace: Any = None) -> NotebookNode:
    """An error as a cell shows it, within limits; without lines of a traceback its name and text stand there."""
    lines = [str(line)[:2000] for line in trace[:60]] if isinstance(trace, list) else [f"{name}: {value}"]
    return nbformat.v4.new_output("error", ename=name, evalue=value, traceback=lines)
