"""Which names of folders can be students' ids: those that a gradebook, a log and a feedback folder can hold."""

import unicodedata

LONGEST = 200  # bytes: files are called by the id, with an ending


def unfit(student: str) -> str:
    """Why a folder's name cannot be a student's id, in words that follow the name; ``""`` where it can."""
    categories = {unicodedata.category(letter) for letter in student}
    if "Cs" in categories:
        return "is not UTF-8 text"
    if categories & {"Cc", "Zl", "Zp"}:
        return "holds a line break or another control character"
    if student.startswith("."):
        return "begins with a dot, as hidden folders do"
    if len(student.encode()) > LONGEST:
        return f"is longer than {LONGEST} bytes"
    return ""


def twin(student: str) -> str:
    """The usual spelling of an id with accents as characters of their own (NFD, as macOS writes); ``""`` for others."""
    usual = unicodedata.normalize("NFC", student)
    return usual if len(usual) < len(student) else ""
