"""Helmets, cones and balls."""

import numpy as np

from course.scenes.body import HEAD_RADII, Body
from course.scenes.brush import CIRCLE, Canvas, Colour, Points, mix, moved
from course.scenes.light import Light

_DOME = np.linspace(0, np.pi, 19)
DOME: Points = np.stack([np.cos(_DOME), -(np.sin(_DOME) ** 0.85)], axis=1)  # the upper half of a rounded shell


def paint_worn_helmet(canvas: Canvas, body: Body, colour: Colour, light: Light) -> None:
    """A helmet on somebody's head."""
    across, up = (radius * body.size for radius in HEAD_RADII)
    paint_helmet(canvas, moved(body.points["head"], 0, -0.46 * up), across * 1.2, body.gaze, colour, light)


def paint_helmet(canvas: Canvas, rim: Points, radius: float, gaze: float, colour: Colour, light: Light) -> None:
    """A safety helmet whose rim has its middle at ``rim``; its peak points where ``gaze`` says."""
    tones = light.tones(colour, 0.4)
    angle = np.radians(gaze)
    ahead, front = float(np.sin(angle)), float(np.cos(angle))
    tall = 1.02 * radius
    side = light.side
    # The brim: a flat ring, pulled out and, towards the viewer, down to the peak.
    ring = CIRCLE * (1.1 * radius, 0.17 * radius)
    peak = np.array([ahead, 0.26 * front])
    towards = np.clip(CIRCLE @ np.array([ahead, front]), 0, 1)[:, None] ** 2
    brim = rim + ring + towards * peak * 0.48 * radius
    if front < 0:
        canvas.polygon(brim, tones.dark)
    for tone, width, shift in ((tones.dark, 1.0, 0.0), (tones.mid, 0.86, 0.11), (tones.bright, 0.42, 0.34)):
        shell = DOME * (radius * width, tall * (0.5 + 0.5 * width)) + (shift * radius * side, 0)
        canvas.polygon(rim + moved(shell, 0, -(0.03 * tall * (1 - width))), tone)
    glint = rim + np.array([0.36 * side * radius, -0.68 * tall])
    canvas.ellipse(glint, (0.15 * radius, 0.11 * radius), mix(tones.bright, (255, 255, 255), 0.7))
    ridge = _ridge(radius, tall, ahead, front)
    if len(ridge) > 1:
        canvas.line(rim + moved(ridge, 0.04 * radius, 0), 0.17 * radius, tones.dark)
        canvas.line(rim + ridge, 0.11 * radius, tones.bright)
    if front >= 0:
        canvas.polygon(moved(brim, 0, 0.05 * radius), tones.dark)
        canvas.polygon(moved(brim, 0, -0.03 * radius), tones.mid)


def _ridge(radius: float, tall: float, ahead: float, front: float) -> Points:
    """The seen part of the ridge that runs over the helmet from front to back."""
    bow = np.linspace(0.12, np.pi - 0.12, 15)
    x, z = np.cos(bow) * ahead, np.cos(bow) * front
    seen = z >= -0.15
    return np.stack([x * radius, -(np.sin(bow) ** 0.85) * tall * 1.02], axis=1)[seen]


def paint_cone(canvas: Canvas, foot: Points, height: float, colour: Colour, light: Light) -> None:
    """A traffic cone with two reflecting bands."""
    tones, white = light.tones(colour, 0.4), light.tones((246, 246, 242), 0.34)
    base = 0.40 * height
    slab = np.array([(-1.0, -0.06), (-0.7, -0.24), (0.7, -0.24), (1.0, -0.06), (1.0, 0.08), (-1.0, 0.08)])
    canvas.polygon(foot + slab * base, tones.dark)
    canvas.polygon(foot + slab[:4] * base, tones.mid)
    low, high = 0.28 * height, 0.055 * height
    foot = moved(foot, 0, -0.14 * base)
    bands = ((0.0, 1.0, tones), (0.30, 0.52, white), (0.68, 0.84, white))
    for start, end, paint in bands:
        for tone, left, right in ((paint.dark, -1, 1), (paint.mid, -0.62, 0.92), (paint.bright, 0.16, 0.6)):
            sides = (left, right) if light.side > 0 else (-right, -left)
            canvas.polygon(foot + _band(start, end, sides, low, high, height), tone)
    canvas.ellipse(moved(foot, 0, -height), (high, 0.3 * high), mix(tones.dark, (0, 0, 0), 0.35))


def _band(start: float, end: float, sides: tuple[float, float], low: float, high: float, height: float) -> Points:
    """A ring of the cone between two heights, from one side to the other, bowed as rings look from above."""
    across = np.linspace(*sides, 7)
    edges = []
    for share in (start, end):
        radius = low + (high - low) * share
        drop = np.sqrt(np.maximum(1 - across**2, 0)) * 0.26 * radius
        edges.append(np.stack([across * radius, drop - share * height], axis=1))
    return np.concatenate([edges[0], edges[1][::-1]])


def paint_ball(
    canvas: Canvas, middle: Points, radius: float, colours: tuple[Colour, Colour], style: int, spin: float, light: Light
) -> None:
    """A ball: plain (style 0), with a band (1), or with the coloured wedges of a beach ball (2)."""
    one, two = light.tones(colours[0], 0.5), light.tones(colours[1], 0.5)
    steps = 5
    for step in range(steps + 1):
        share = step / steps
        centre = middle + np.array([0.34 * light.side, -0.36]) * radius * share
        size = radius * (1 - 0.80 * share)
        for index, tones in enumerate((one, two)):
            lit = (
                mix(tones.dark, tones.mid, min(2 * share, 1))
                if share < 0.5
                else mix(tones.mid, tones.bright, 2 * share - 1)
            )
            if index == 0:
                canvas.polygon(centre + CIRCLE * size, lit)
            elif style:
                for wedge in _wedges(style, spin):
                    inside = _within(middle + wedge * radius, centre, size)
                    canvas.polygon(inside, lit)
    glint = middle + np.array([0.40 * light.side, -0.44]) * radius
    canvas.ellipse(glint, (0.13 * radius, 0.10 * radius), mix(one.bright, (255, 255, 255), 0.75))


def _wedges(style: int, spin: float) -> list[Points]:
    """The second colour's patches on a ball of radius 1."""
    turn = np.array([[np.cos(spin), -np.sin(spin)], [np.sin(spin), np.cos(spin)]])
    along = np.linspace(-np.pi / 2, np.pi / 2, 13)
    patches = ((-0.3, 0.3),) if style == 1 else ((-1.0, -0.62), (-0.2, 0.3), (0.72, 0.96))
    found = []
    for left, right in patches:  # between two meridians
        edge = [np.stack([np.cos(along) * x, np.sin(along)], axis=1) for x in (left, right)]
        found.append(np.concatenate([edge[0], edge[1][::-1]]) @ turn)
    return found


def _within(points: Points, centre: Points, radius: float) -> Points:
    """The points, those outside a circle pulled onto it."""
    away = points - centre
    distance = np.hypot(away[:, 0], away[:, 1])
    return centre + away * np.minimum(1, radius / np.maximum(distance, 1e-9))[:, None]
