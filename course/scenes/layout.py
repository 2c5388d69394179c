"""Who and what is on the site, and where: decided before the first stroke of paint, in shares of the picture.

Everything here is drawn from the seed and the picture's proportions alone, so that a seed shows the same scene at
128 pixels and at 1,024.
"""

from dataclasses import dataclass, field

import numpy as np

from course.scenes.body import POSES, Pose, jitter
from course.scenes.brush import Colour
from course.scenes.light import MOODS, Light
from course.scenes.wardrobe import HELMETS, Outfit, dress, pick

CONES: tuple[Colour, ...] = ((255, 106, 26), (255, 106, 26), (250, 84, 40), (236, 206, 40))
BALLS: tuple[tuple[Colour, Colour], ...] = (
    ((226, 56, 60), (250, 246, 236)), ((38, 118, 206), (250, 214, 60)), ((250, 198, 44), (222, 70, 56)),
    ((248, 246, 240), (48, 132, 196)), ((60, 164, 108), (248, 244, 234)), ((142, 82, 176), (250, 204, 92)),
    ((238, 120, 158), (252, 240, 236)), ((230, 124, 52), (250, 240, 220)), ((32, 160, 168), (250, 160, 60)),
)  # fmt: skip


@dataclass(frozen=True)
class Camera:
    """Where the horizon lies, in pixels, and how high above the ground the camera is, in metres."""

    horizon: float
    height: float
    deepest: float  # how far below the horizon things may stand, in pixels

    def scale(self, ground: float) -> float:
        """Pixels a metre where the ground is seen at this height of the picture."""
        return (ground - self.horizon) / self.height

    def ground(self, scale: float) -> float:
        """The height of the picture at which a metre is this many pixels long."""
        return self.horizon + self.height * scale


@dataclass(frozen=True)
class Person:
    """Somebody: where (in shares of the picture), how tall in metres, in which pose."""

    x: float
    share: float  # of the picture's unit
    tall: float
    turn: float
    gaze: float
    pose: Pose
    outfit: Outfit


@dataclass(frozen=True)
class Thing:
    """A helmet, cone or ball on the ground; ``near`` is 0 at the far end of the site, 1 at the lower edge."""

    x: float
    near: float
    size: float  # metres
    colours: tuple[Colour, Colour]
    style: int
    turn: float


@dataclass(frozen=True)
class Layout:
    """A whole scene, before it is painted."""

    light: Light
    horizon: float  # a share of the picture's height
    camera: float
    people: list[Person] = field(default_factory=list)
    helmets: list[Thing] = field(default_factory=list)
    cones: list[Thing] = field(default_factory=list)
    balls: list[Thing] = field(default_factory=list)


def plan(rng: np.random.Generator, proportion: float) -> Layout:
    """Draw a scene; ``proportion`` is the picture's width divided by its height."""
    light = Light(1 if rng.random() < 0.5 else -1, pick(rng, MOODS))
    roomy = float(np.clip(proportion, 1, 4)) ** 0.8
    people = _people(rng, max(1, round(int(rng.choice(4, p=(0.22, 0.34, 0.28, 0.16)) + 1) * roomy)))
    return Layout(
        light,
        horizon=float(rng.uniform(0.40, 0.56)),
        camera=float(rng.uniform(1.25, 2.1)),
        people=people[:9],
        helmets=_things(rng, int(rng.random() < 0.28), (0.36, 0.40), [(colour, colour) for colour in HELMETS]),
        cones=_things(
            rng, round(int(rng.integers(0, 4)) * roomy), (0.62, 0.82), [(colour, colour) for colour in CONES]
        )[:5],
        balls=_things(rng, round(int(rng.choice(3, p=(0.35, 0.45, 0.2))) * roomy), (0.34, 0.66), list(BALLS))[:4],
    )


def _people(rng: np.random.Generator, count: int) -> list[Person]:
    """One person in the foreground, the others smaller or as tall; side by side with some overlap."""
    slots = rng.permutation(count)
    found = []
    for index, slot in enumerate(slots):
        share = rng.uniform(0.56, 0.80) if index == 0 else rng.uniform(0.30, 0.68)
        x = (slot + 0.5 + rng.uniform(-0.38, 0.38)) / count
        turn = float(np.clip(rng.normal(0, 42), -100, 100)) if rng.random() < 0.85 else float(rng.uniform(130, 230))
        found.append(
            Person(
                x=float(0.5 + (x - 0.5) * (0.96 if count > 1 else 0.7)),
                share=float(share),
                tall=float(rng.uniform(1.62, 1.92)),
                turn=turn,
                gaze=turn + float(np.clip(rng.normal(0, 22), -50, 50)),
                pose=jitter(POSES[pick(rng, list(POSES))], rng),
                outfit=dress(rng),
            )
        )
    return found


def _things(
    rng: np.random.Generator, count: int, sizes: tuple[float, float], colours: list[tuple[Colour, Colour]]
) -> list[Thing]:
    return [
        Thing(
            x=float(rng.uniform(0.05, 0.95)),
            near=float(rng.uniform(0.0, 1.0)),
            size=float(rng.uniform(*sizes)),
            colours=pick(rng, colours),
            style=int(rng.integers(3)),
            turn=float(rng.uniform(-120, 120)),
        )
        for _ in range(count)
    ]
