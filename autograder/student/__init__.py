"""The student's side of grading: all of this package that the process with the student's code sees, beside ``course``.

Nothing here holds a hidden case, an input or an expected value.
"""
