"""Sky, ground and the far end of the site: skyline, crane, building shell, scaffolding, fence."""

import cv2
import numpy as np
from numpy.typing import NDArray

from course.scenes.brush import CIRCLE, SUPER, Canvas, Colour, Points, mix, moved
from course.scenes.light import Light, Mood
from course.scenes.wardrobe import pick

CONCRETE: tuple[Colour, ...] = ((190, 184, 174), (176, 168, 160), (202, 192, 176), (168, 170, 174))
STEEL: tuple[Colour, ...] = ((240, 186, 40), (222, 84, 48), (232, 230, 224), (86, 128, 176))
DIAMOND = CIRCLE[::4]
SHEETS: tuple[Colour, ...] = ((70, 130, 180), (84, 156, 132), (236, 232, 222), (216, 116, 66), (120, 130, 140))


def paint_sky(canvas: Canvas, horizon: float, mood: Mood, light: Light, rng: np.random.Generator) -> None:
    """A gradient, a glow on the sun's side, and clouds."""
    tall, wide = int(np.ceil(horizon)) + 2, canvas.width
    share = np.clip((np.arange(tall) + 0.5) / horizon, 0, 1)[:, None, None] ** 0.9
    above, below = (np.array(colour, np.float32) for colour in mood.sky)
    sky = np.repeat(above + (below - above) * share.astype(np.float32), wide, axis=1)
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    unit = min(canvas.height, canvas.width)
    sun = (0.5 + light.side * rng.uniform(0.28, 0.46)) * wide, rng.uniform(0.25, 0.75) * horizon
    glow = np.exp(-np.hypot(x - sun[0], y - sun[1]) / (0.34 * unit))[..., None]
    sky += (np.array(mood.light, np.float32) - sky) * (0.75 * glow)
    clouds = np.zeros((tall, wide), np.uint8)
    for _ in range(int(rng.integers(2, 6))):
        cx, cy, size = rng.uniform(-0.1, 1.1) * wide, rng.uniform(0.08, 0.8) * horizon, rng.uniform(0.06, 0.2) * unit
        for _ in range(6):
            puff = np.array([cx + rng.normal(0, 0.75) * size, cy + rng.normal(0, 0.09) * size])
            blob = puff + CIRCLE * (size * rng.uniform(0.3, 0.7), size * rng.uniform(0.07, 0.2))
            cv2.fillPoly(clouds, [np.rint(blob * 16).astype(np.int32)], int(rng.integers(90, 200)), shift=4)
    soft = cv2.GaussianBlur(clouds, (0, 0), 0.018 * unit + 0.3)[..., None].astype(np.float32) / 255
    sky += (np.array(mix(mood.light, (255, 255, 255), 0.5), np.float32) - sky) * (0.7 * soft)
    fine = cv2.resize(np.clip(sky, 0, 255).astype(np.uint8), (wide * SUPER, tall * SUPER))
    canvas.pixels[: len(fine), :, :3] = fine[: len(canvas.pixels)]


def paint_ground(canvas: Canvas, horizon: float, mood: Mood, rng: np.random.Generator) -> None:
    """Earth in perspective: a gradient, grit that grows towards the viewer, wheel tracks."""
    top = int(np.floor(horizon * SUPER))
    part = canvas.pixels[top:]
    tall, wide = canvas.height - int(horizon), canvas.width
    near = ((np.arange(tall, dtype=np.float32) + 0.5) / tall)[:, None, None]
    far_colour, near_colour = (np.array(colour, np.float32) for colour in mood.ground)
    earth = far_colour + (near_colour - far_colour) * near**0.7
    grit = _grit(tall, wide, rng)
    earth = np.clip(earth * (1 + 0.11 * grit[..., None]), 0, 255).astype(np.uint8)
    part[..., :3] = cv2.resize(earth, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    middle = rng.uniform(-0.3, 1.3) * canvas.width
    vanish = rng.uniform(0.2, 0.8) * canvas.width
    dark = mix(mood.ground[1], mood.shade, 0.35)
    unit = min(canvas.height, canvas.width)
    for lane in (-0.16, 0.10):
        left, right = middle + lane * unit, middle + (lane + 0.075) * unit
        track = np.array([(vanish + 0.04 * lane * unit, horizon), (right, canvas.height), (left, canvas.height)])
        canvas.veil(track, dark, 0.16)
    _paint_pebbles(canvas, horizon, mood, rng)


def _paint_pebbles(canvas: Canvas, horizon: float, mood: Mood, rng: np.random.Generator) -> None:
    """Stones and clods: dark below, lit above, the nearer the larger."""
    unit = min(canvas.height, canvas.width)
    dark, bright = (mix(mood.ground[1], colour, 0.42) for colour in (mood.shade, mood.light))
    where, close, size = rng.random((3, round(44 * canvas.width / unit), 1, 1))
    near = 0.1 + 0.9 * close**0.7
    places = np.concatenate([where * canvas.width, horizon + near * (canvas.height - horizon)], axis=2)  # [N, 1, 2]
    stones = DIAMOND * (1.5, 0.7) * ((0.004 + 0.007 * size) * unit * near)  # [N, corners, 2]
    canvas.polygons(places + stones, dark)
    canvas.polygons(places + stones * (0.9, 0.6) - (0, 0.002 * unit), mix(bright, mood.ground[1], 0.3))


def _grit(tall: int, wide: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise in −1 … 1 laid flat on the ground."""
    side = 128
    tile = cv2.blur(rng.standard_normal((side, side)).astype(np.float32), (2, 2))
    for coarse in (32, 12):
        spots = rng.standard_normal((coarse, coarse)).astype(np.float32)
        tile = tile + 0.4 * cv2.resize(spots, (side, side), interpolation=cv2.INTER_CUBIC)
    tile = np.clip(tile, -1.8, 1.8)
    corners = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    # The part of the tile that is seen: narrow and near at the picture's lower edge, broad and far at the horizon.
    source = np.array([(64 - 240, -520), (64 + 240, -520), (64 + 22, 80), (64 - 22, 80)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    return np.asarray(cv2.warpPerspective(tile, matrix, (wide, tall), borderMode=cv2.BORDER_REFLECT))


def paint_skyline(canvas: Canvas, horizon: float, light: Light, rng: np.random.Generator) -> None:
    """Two rows of far houses, the farther one paler."""
    unit = min(canvas.height, canvas.width)
    for haze, low, high in ((0.86, 0.10, 0.34), (0.68, 0.04, 0.20)):
        x = -rng.uniform(0, 0.1) * unit
        while x < canvas.width:
            wide, tall = rng.uniform(0.07, 0.19) * unit, rng.uniform(low, high) * unit
            wall = mix(pick(rng, CONCRETE), light.mood.sky[0], 0.5)
            face = mix(wall, light.mood.haze, haze)
            canvas.rectangle(x, horizon - tall, x + wide, horizon + 1, face)
            shade = mix(face, light.mood.shade, 0.10)
            edge = x if light.side > 0 else x + 0.7 * wide
            canvas.rectangle(edge, horizon - tall, edge + 0.3 * wide, horizon + 1, shade)
            for row in np.arange(horizon - tall + 0.02 * unit, horizon, 0.03 * unit):
                canvas.line(np.array([(x + 0.12 * wide, row), (x + 0.88 * wide, row)]), 0.006 * unit, shade)
            x += wide * rng.uniform(0.9, 1.5)


def paint_crane(canvas: Canvas, foot: Points, tall: float, side: int, light: Light, colour: Colour) -> None:
    """A tower crane; its jib points to ``side``."""
    steel = light.far(colour)
    dark = mix(steel, light.mood.shade, 0.35)
    half, thin = 0.016 * tall, 0.007 * tall
    top = moved(foot, 0, -tall)
    steps = np.arange(0, 1.0001, 1 / 22)
    zigzag = np.stack([foot[0] + half * np.where(np.arange(23) % 2, 1, -1), foot[1] - tall * steps], axis=1)
    canvas.line(zigzag, thin * 0.8, dark)
    for x in (-half, half):
        canvas.line(np.array([moved(foot, x, 0), moved(top, x, 0)]), thin, steel)
    apex = moved(top, 0, -0.12 * tall)
    tip, tail = moved(top, side * 0.62 * tall, 0), moved(top, -side * 0.22 * tall, 0)
    high = 0.032 * tall
    count = 17
    along = np.linspace(0, 1, count)
    jib = np.stack([top[0] + side * 0.62 * tall * along, top[1] - high * (np.arange(count) % 2)], axis=1)
    canvas.line(jib, thin * 0.8, dark)
    canvas.line(np.array([tail, tip]), thin * 1.2, steel)
    canvas.line(np.array([moved(top, 0, -high), moved(tip, -side * 0.03 * tall, -high)]), thin, steel)
    canvas.line(np.array([moved(tip, -side * 0.2 * tall, -high), apex, tail]), thin * 0.7, dark)
    canvas.line(np.array([moved(top, -half, 0), apex, moved(top, half, 0)]), thin, steel)
    weight = np.array([(0, 0), (0.08, 0), (0.08, 0.06), (0, 0.06)]) * (side * tall, tall)
    canvas.polygon(tail + weight, light.far((120, 116, 112)))
    cabin = np.array([(0.02, 0.0), (0.07, 0.0), (0.06, 0.06), (0.02, 0.06)]) * (side * tall, tall)
    canvas.polygon(top + cabin, light.far((92, 120, 140)))
    hook = moved(top, side * 0.42 * tall, 0)
    canvas.line(np.array([hook, moved(hook, 0, 0.26 * tall)]), thin * 0.6, dark)
    load = hook + np.array([(-0.05, 0.27), (0.05, 0.27), (0.05, 0.30), (-0.05, 0.30)]) * tall
    canvas.polygon(load, light.far((150, 96, 60)))
