"""Errors that speak to the reader of a notebook."""


class PlainError(Exception):
    """An error that a notebook shows as its message alone.

    The message says what was wanted, what came and what to do; a traceback through our files would only bury it.
    """

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython prints in place of a traceback (IPython's own hook for this purpose)."""
        return str(self).splitlines()
