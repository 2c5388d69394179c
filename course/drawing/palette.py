"""How things look: Okabe and Ito's colours, told apart also by line style and hatching.

The eight colours stay distinct for the common kinds of colour blindness (Okabe & Ito 2008, "Color Universal
Design"). Still, colour is never the only signal: looks that meet in one picture also differ in line or hatch,
so that a grey print says the same.
"""

from dataclasses import dataclass

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
RED = "#D55E00"  # vermillion, Okabe and Ito's red
PINK = "#CC79A7"

INK = "#222222"  # text and axes
FAINT = "#6B6B6B"  # secondary text: still 5 to 1 against white
PAPER = "#F4F4F0"  # the inside of an image


@dataclass(frozen=True)
class Look:
    """Colour, line style and hatch of one kind of thing in a picture."""

    colour: str
    line: str | tuple[float, tuple[float, ...]]
    hatch: str
    width: float = 2.0


FIRST = Look(BLUE, "-", "///")
SECOND = Look(RED, "--", "\\\\\\")
SHARED = Look(GREEN, "-", "xxx")
GOOD = Look(GREEN, "-", "")
GAP = Look(PINK, ":", "..")
WRONG = Look(RED, (0, (4, 2)), "...")
LOST = Look("#444444", ":", "\\\\")
