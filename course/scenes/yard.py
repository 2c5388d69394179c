"""What else lies and stands about: an excavator, heaps of sand, pipes, bricks on a pallet, drums, planks, puddles."""

import numpy as np

from course.scenes.brush import CIRCLE, Canvas, Colour, Points, mix, moved, smooth
from course.scenes.light import Light
from course.scenes.wardrobe import pick


def paint_excavator(canvas: Canvas, foot: Points, size: float, side: int, light: Light, colour: Colour) -> None:
    """A digger seen from the side; its arm reaches to ``side``; ``size`` is the length of its body."""
    paint, steel = light.tones(colour, 0.4), light.tones((74, 74, 80), 0.3)

    def at(*corners: tuple[float, float]) -> Points:
        return foot + np.array(corners) * (side * size, -size)

    canvas.polygon(
        smooth(at((-0.52, 0), (0.52, 0), (0.56, 0.14), (0.46, 0.24), (-0.46, 0.24), (-0.56, 0.14))), steel.dark
    )
    canvas.polygon(
        smooth(at((-0.44, 0.05), (0.44, 0.05), (0.47, 0.13), (0.4, 0.19), (-0.4, 0.19), (-0.47, 0.13))), steel.mid
    )
    for x in (-0.34, -0.12, 0.12, 0.34):
        canvas.ellipse(at((x, 0.11))[0], (0.075 * size, 0.075 * size), steel.dark)
        canvas.ellipse(at((x, 0.11))[0], (0.035 * size, 0.035 * size), steel.bright)
    boom, stick = at((0.22, 0.42), (0.62, 1.02), (0.98, 0.98)), at((0.94, 1.02), (1.22, 0.40))
    canvas.line(boom, 0.12 * size, paint.dark)
    canvas.line(moved(boom, 0, -0.015 * size), 0.08 * size, paint.mid)
    canvas.line(at((0.3, 0.5), (0.68, 0.86)), 0.04 * size, steel.bright)
    canvas.line(stick, 0.09 * size, paint.dark)
    canvas.line(moved(stick, -0.01 * size, 0), 0.055 * size, paint.mid)
    canvas.polygon(at((1.14, 0.44), (1.30, 0.40), (1.34, 0.22), (1.2, 0.08), (1.0, 0.14), (1.08, 0.26)), steel.mid)
    canvas.polygon(at((1.0, 0.14), (1.2, 0.08), (1.26, 0.13), (1.06, 0.2)), steel.dark)
    canvas.polygon(at((-0.56, 0.28), (0.34, 0.28), (0.34, 0.44), (0.1, 0.56), (-0.52, 0.56), (-0.6, 0.44)), paint.dark)
    canvas.polygon(at((-0.56, 0.34), (0.34, 0.34), (0.32, 0.46), (0.1, 0.56), (-0.52, 0.56), (-0.58, 0.46)), paint.mid)
    canvas.polygon(at((-0.5, 0.5), (0.1, 0.5), (0.1, 0.56), (-0.5, 0.56)), paint.bright)
    canvas.polygon(at((-0.06, 0.34), (0.34, 0.34), (0.34, 0.62), (0.24, 0.94), (-0.06, 0.94)), paint.dark)
    canvas.polygon(at((-0.01, 0.5), (0.29, 0.5), (0.29, 0.62), (0.2, 0.89), (-0.01, 0.89)), light.far((150, 190, 210)))
    canvas.polygon(at((-0.01, 0.5), (0.12, 0.5), (0.2, 0.89), (0.06, 0.89)), light.far((206, 230, 238)))
    canvas.polygon(at((-0.1, 0.91), (0.28, 0.91), (0.24, 0.97), (-0.1, 0.97)), paint.bright)


def paint_heap(canvas: Canvas, foot: Points, size: float, light: Light, colour: Colour) -> None:
    """A heap of sand or gravel."""
    tones = light.tones(colour, 0.34)
    outline = np.array([(-1, 0), (-0.75, -0.18), (-0.3, -0.56), (0.02, -0.72), (0.3, -0.58), (0.72, -0.2), (1, 0)])
    canvas.polygon(foot + smooth(outline) * size, tones.dark)
    lit = outline * (0.74, 0.94) + (0.2 * light.side, 0.0)
    canvas.polygon(foot + smooth(lit) * size, mix(tones.mid, tones.dark, 0.35))
    lit = outline * (0.48, 0.84) + (0.36 * light.side, 0.0)
    canvas.polygon(foot + smooth(lit) * size, tones.mid)


def paint_pipes(canvas: Canvas, foot: Points, size: float, light: Light, colour: Colour) -> None:
    """Concrete pipes, three below, two above, one on top, seen from their ends."""
    tones = light.tones(colour, 0.36)
    radius = size / 3
    for row in range(3):
        for index in range(3 - row):
            middle = moved(foot, (2 * index + row - 2) * radius, -(1 + 1.74 * row) * radius)
            for colour_now, share, shift in (
                (tones.dark, 1.0, 0), (tones.mid, 0.9, 0.06), (mix(tones.dark, light.mood.shade, 0.6), 0.66, 0)
            ):  # fmt: skip
                canvas.polygon(moved(middle, shift * light.side * radius, 0) + CIRCLE * share * radius, colour_now)


def paint_bricks(canvas: Canvas, foot: Points, size: float, light: Light, colour: Colour) -> None:
    """Bricks on a pallet."""
    tones, wood = light.tones(colour, 0.36), light.tones((190, 146, 92))
    left, right, low = foot[0] - 0.6 * size, foot[0] + 0.6 * size, foot[1]
    for x in (-0.55, -0.06, 0.43):
        canvas.rectangle(foot[0] + x * size, low - 0.1 * size, foot[0] + (x + 0.12) * size, low, wood.dark)
    canvas.rectangle(left, low - 0.14 * size, right, low - 0.08 * size, wood.mid)
    rows, each = 4, 0.17 * size
    for row in range(rows):
        y = low - 0.14 * size - row * each
        canvas.rectangle(left, y - each, right, y, tones.dark)
        for index in range(5):
            x = left + (index + (0.5 if row % 2 else 0)) * 0.24 * size
            end = min(x + 0.22 * size, right)
            canvas.rectangle(
                x, y - 0.88 * each, end, y, tones.mid if (index + row) % 3 else mix(tones.mid, tones.bright, 0.5)
            )
    canvas.rectangle(
        left, low - 0.14 * size - rows * each - 0.04 * size, right, low - 0.14 * size - rows * each, tones.bright
    )


def paint_drum(canvas: Canvas, foot: Points, size: float, light: Light, colour: Colour) -> None:
    """A steel drum."""
    tones = light.tones(colour, 0.44)
    half, flat = 0.36 * size, 0.1 * size
    for tone, left, right in ((tones.dark, -1, 1), (tones.mid, -0.55, 0.9), (tones.bright, 0.1, 0.55)):
        x = np.linspace(*((left, right) if light.side > 0 else (-right, -left)), 9)
        bow = flat * np.sqrt(np.maximum(1 - x**2, 0))
        low = foot + np.stack([x * half, bow], axis=1)
        high = foot + np.stack([x * half, bow - size], axis=1)
        canvas.polygon(np.concatenate([low, high[::-1]]), tone)
        for share in (0.33, 0.66):
            canvas.line(moved(low, 0, -share * size), 0.03 * size, mix(tone, tones.dark, 0.5))
    canvas.ellipse(moved(foot, 0, -size), (half, flat), mix(tones.mid, tones.bright, 0.5))
    canvas.ellipse(moved(foot, 0, -size), (0.84 * half, 0.8 * flat), mix(tones.mid, tones.dark, 0.5))


def paint_puddle(canvas: Canvas, middle: Points, size: float, light: Light) -> None:
    """Water that mirrors the sky."""
    wobble = CIRCLE * (size, 0.2 * size) * (1 + 0.16 * np.cos(3 * np.linspace(0, 6.28, len(CIRCLE))))[:, None]
    canvas.veil(middle + wobble, mix(light.mood.shade, light.mood.ground[1], 0.4), 0.4)
    canvas.veil(middle + wobble * 0.93, mix(light.mood.sky[1], light.mood.sky[0], 0.35), 0.72)


def paint_planks(canvas: Canvas, middle: Points, size: float, light: Light, rng: np.random.Generator) -> None:
    """Boards that lie on the ground."""
    for index in range(int(rng.integers(2, 5))):
        wood = light.tones(pick(rng, ((206, 164, 104), (186, 142, 88), (220, 182, 126))), 0.34)
        slope = rng.uniform(-0.16, 0.16)
        a = middle + np.array([-1, slope + 0.1 * index - 0.15]) * size
        b = middle + np.array([1, -slope + 0.1 * index - 0.15]) * size
        down = np.array([0.0, 0.07 * size])
        canvas.polygon(np.array([a, b, b + down, a + down]), wood.mid)
        canvas.polygon(np.array([a + 0.7 * down, b + 0.7 * down, b + down, a + down]), wood.dark)
