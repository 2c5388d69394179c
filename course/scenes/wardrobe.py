"""The people on the site today: skin, hair, build and working clothes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from course.scenes.brush import Colour

T = TypeVar("T")

SKINS: tuple[Colour, ...] = (
    (250, 220, 196), (240, 200, 168), (226, 178, 140), (206, 152, 112), (176, 122, 84), (140, 92, 62), (104, 68, 48),
    (78, 52, 40),
)  # fmt: skip
HAIRS: tuple[Colour, ...] = ((34, 28, 28), (52, 40, 34), (112, 110, 112), (84, 56, 38), (150, 108, 62), (140, 70, 40))
SHIRTS: tuple[Colour, ...] = (
    (62, 96, 150), (196, 70, 60), (240, 236, 224), (84, 130, 112), (96, 88, 130), (222, 162, 64), (66, 72, 84),
    (120, 160, 196), (168, 88, 100), (58, 124, 140), (196, 182, 152),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = (
    (54, 70, 106), (74, 92, 128), (70, 66, 64), (132, 112, 84), (96, 98, 78), (48, 52, 66), (112, 82, 66),
    (150, 146, 134),
)  # fmt: skip
VESTS: tuple[Colour, ...] = (
    (255, 122, 30),
    (206, 232, 52),
    (255, 122, 30),
    (206, 232, 52),
    (255, 206, 40),
    (240, 76, 60),
)
BOOTS: tuple[Colour, ...] = ((64, 48, 40), (128, 88, 52), (44, 44, 50))
GLOVES: tuple[Colour, ...] = ((232, 226, 210), (70, 74, 82), (226, 140, 52))
HELMETS: tuple[Colour, ...] = (
    (250, 200, 30), (250, 200, 30), (244, 244, 240), (244, 244, 240), (44, 108, 196), (216, 50, 44), (250, 128, 26),
    (56, 152, 92),
)  # fmt: skip


@dataclass(frozen=True)
class Outfit:
    """One person's looks; ``build`` is how broad they are, 1 for most; ``None`` means goes without."""

    skin: Colour
    hair: Colour
    bald: bool
    long_hair: bool
    beard: bool
    shirt: Colour
    long_sleeves: bool
    trousers: Colour
    boots: Colour
    vest: Colour | None
    gloves: Colour | None
    helmet: Colour | None
    build: float


def dress(rng: np.random.Generator) -> Outfit:
    """Somebody on the site; most wear a helmet and a vest."""
    long_hair = rng.random() < 0.3
    tan = int(rng.integers(len(SKINS)))
    return Outfit(
        skin=SKINS[tan],
        hair=pick(rng, HAIRS[: 6 if tan < 3 else 4 if tan < 5 else 3]),  # fair hair goes with fair skin
        bald=not long_hair and rng.random() < 0.12,
        long_hair=long_hair,
        beard=not long_hair and rng.random() < 0.28,
        shirt=_dyed(rng, pick(rng, SHIRTS)),
        long_sleeves=rng.random() < 0.6,
        trousers=_dyed(rng, pick(rng, TROUSERS)),
        boots=pick(rng, BOOTS),
        vest=pick(rng, VESTS) if rng.random() < 0.68 else None,
        gloves=pick(rng, GLOVES) if rng.random() < 0.35 else None,
        helmet=pick(rng, HELMETS) if rng.random() < 0.8 else None,
        build=float(rng.uniform(0.92, 1.2)),
    )


def pick(rng: np.random.Generator, things: Sequence[T]) -> T:
    """One of the things, each as likely."""
    return things[int(rng.integers(len(things)))]


def _dyed(rng: np.random.Generator, colour: Colour) -> Colour:
    """The same cloth from another batch."""
    red, green, blue = np.clip(np.array(colour) + rng.normal(0, 9, 3), 20, 246).astype(int).tolist()
    return red, green, blue
