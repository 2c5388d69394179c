"""A scene that moves: some cross the site, the others change their pose, and the truth about every frame is known."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from course.scenes.body import POSES, Pose, between
from course.scenes.layout import Layout, Person, plan
from course.scenes.render import Size, as_size, paint, streams

SPEED = 0.9  # metres a second: a stroll
STEPS = 1.4  # a second
ASIDE = 82.0  # degrees from facing us, for those who walk: not quite in profile


def film(
    seed: int, size: Size = 128, seconds: float = 3.0, fps: float = 12.0
) -> Iterator[tuple[Tensor, dict[str, Any]]]:
    """The frames of a short film, the same for the same arguments.

    The site is that of ``scene(seed, size)``, and half-way through everybody is where they are there. Every other
    person walks across it, as fast as people do; the rest change from their pose into another and back.

    Args:
        seed: of the scene, from 0.
        size: the side of square frames, or (height, width).
        seconds: how long, at least one frame.
        fps: frames a second.

    Yields:
        image and target of each frame, as :func:`course.scenes.scene` gives them.

    Raises:
        ValueError: as :func:`course.scenes.scene`, or there would be no frame.
    """
    count = round(seconds * fps)
    if count < 1:
        raise ValueError(f"A film should have at least one frame. Got {seconds} s at {fps} frames a second.")
    height, width = as_size(size)
    layout = plan(streams(seed)[0], width / height)
    others = list(np.random.default_rng([seed, 3]).permutation(list(POSES)))
    metre = min(height, 1.15 * width) / width  # of a person as tall as the picture, in shares of its width
    grain = streams(seed)[2]  # goes on from frame to frame, as in a real film
    for number in range(count):
        time = (number + 0.5 - count / 2) / fps
        people = [
            _walking(person, metre, time) if index % 2 == 0 else _gesturing(person, POSES[others[index]], time, seconds)
            for index, person in enumerate(layout.people)
        ]
        yield _frame(seed, (height, width), replace(layout, people=people), grain)


def _frame(
    seed: int, size: tuple[int, int], layout: Layout, grain: np.random.Generator
) -> tuple[Tensor, dict[str, Any]]:
    """One frame. The stage's own stream begins again each time, so that the site stays as it is."""
    image, target = paint(layout, size, streams(seed)[1], grain)
    return image, {"image_id": seed, **target}


def _walking(person: Person, metre: float, time: float) -> Person:
    """Towards the farther side, each step half of a swing from one stride to the other."""
    way = 1 if person.x < 0.5 else -1
    gone = SPEED * time * metre * person.share / person.tall
    pose = between(POSES["walk"], POSES["stride"], 0.5 - 0.5 * np.cos(np.pi * STEPS * time))
    return replace(person, x=person.x + way * gone, turn=way * ASIDE, gaze=way * ASIDE * 0.8, pose=pose)


def _gesturing(person: Person, other: Pose, time: float, seconds: float) -> Person:
    """From one's own pose, half-way through the film, to another at its ends."""
    return replace(person, pose=between(person.pose, other, 0.5 - 0.5 * np.cos(2 * np.pi * time / seconds)))
