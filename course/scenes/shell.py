"""Buildings that are not finished yet: floors on columns, scaffolding with nets, and the fence around the site."""

import numpy as np

from course.scenes.backdrop import CONCRETE, SHEETS, STEEL
from course.scenes.brush import Canvas, Colour, mix
from course.scenes.light import Light
from course.scenes.wardrobe import pick

BRICKS: tuple[Colour, ...] = ((176, 96, 72), (190, 120, 88), (206, 176, 140))


def paint_shell(canvas: Canvas, left: float, base: float, floor: float, light: Light, rng: np.random.Generator) -> None:
    """A building shell: slabs on columns, some bays already walled; scaffolding on part of it."""
    floors, bays = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    bay = floor * rng.uniform(1.0, 1.35)
    concrete, brick = light.tones(pick(rng, CONCRETE)), light.tones(pick(rng, BRICKS), 0.3)
    inside = mix(concrete.dark, light.mood.shade, 0.35)
    right = left + bays * bay
    done = int(rng.integers(0, floors))  # so many floors have walls
    for level in range(floors):
        low = base - level * floor
        high = low - floor
        canvas.rectangle(left, high, right, low, mix(inside, concrete.dark, 0.12 * level))
        for index in range(bays):
            x = left + index * bay
            if level < done and rng.random() < 0.75:
                canvas.rectangle(x, high, x + bay, low, brick.mid)
                glass = light.far(mix(light.mood.sky[0], (255, 255, 255), 0.15))
                x1, y1, x2, y2 = x + 0.28 * bay, high + 0.34 * floor, x + 0.76 * bay, low - 0.22 * floor
                canvas.rectangle(x1 - 0.03 * bay, y1, x2 + 0.03 * bay, y2 + 0.05 * floor, concrete.bright)
                canvas.rectangle(x1, y1, x2, y2, mix(glass, light.mood.shade, 0.3))
                canvas.polygon(np.array([(x1, y2), (x1, y1), (x1 + 0.6 * (x2 - x1), y1)]), glass)
        for index in range(bays + 1):
            x = left + index * bay
            canvas.rectangle(x - 0.07 * floor, high, x + 0.07 * floor, low, concrete.mid)
            edge = x + light.side * 0.045 * floor
            canvas.rectangle(edge - 0.025 * floor, high, edge + 0.025 * floor, low, concrete.bright)
        canvas.rectangle(
            left - 0.12 * floor, high - 0.07 * floor, right + 0.12 * floor, high + 0.08 * floor, concrete.mid
        )
        canvas.rectangle(
            left - 0.12 * floor, high - 0.07 * floor, right + 0.12 * floor, high - 0.01 * floor, concrete.bright
        )
    roof = base - floors * floor
    for x in np.arange(left, right + 0.01, bay / 4):  # steel rods for the next floor
        canvas.line(np.array([(x, roof), (x, roof - 0.3 * floor)]), 0.03 * floor, light.far((150, 92, 66)))
    first, last = (
        (0, bays) if rng.random() < 0.3 else (0, max(1, bays // 2)) if rng.random() < 0.5 else (bays // 2, bays)
    )
    paint_scaffold(
        canvas, left + first * bay - 0.2 * floor, left + last * bay + 0.2 * floor, base, floor, floors, light, rng
    )


def paint_scaffold(
    canvas: Canvas, left: float, right: float, base: float, floor: float, floors: int, light: Light,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Tubes, planks and diagonal braces, and a net over some of it."""
    tube = light.far(pick(rng, (*STEEL[2:], (176, 182, 188))))
    shade = mix(tube, light.mood.shade, 0.4)
    plank = light.far((196, 150, 92))
    count = max(1, round((right - left) / floor))
    xs = np.linspace(left, right, count + 1)
    top = base - floors * floor - 0.35 * floor
    net = pick(rng, ((60, 140, 96), (60, 120, 180), (236, 130, 50)))
    netted = rng.random(size=(floors, count)) < rng.uniform(0, 0.7)
    for level in range(floors):
        low, high = base - level * floor, base - (level + 1) * floor
        for index in range(count):
            x1, x2 = xs[index], xs[index + 1]
            if netted[level, index]:
                canvas.veil(np.array([(x1, high), (x2, high), (x2, low), (x1, low)]), light.far(net), 0.62)
            elif (level + index) % 2:
                canvas.line(np.array([(x1, low), (x2, high)]), 0.03 * floor, shade)
        canvas.line(np.array([(left, high - 0.3 * floor), (right, high - 0.3 * floor)]), 0.03 * floor, tube)
        canvas.rectangle(left - 0.1 * floor, high - 0.03 * floor, right + 0.1 * floor, high + 0.05 * floor, plank)
    for x in xs:
        canvas.line(np.array([(x, base), (x, top)]), 0.05 * floor, tube)
        canvas.line(
            np.array([(x - light.side * 0.02 * floor, base), (x - light.side * 0.02 * floor, top)]), 0.02 * floor, shade
        )


def paint_fence(canvas: Canvas, base: float, tall: float, light: Light, rng: np.random.Generator) -> None:
    """A hoarding of painted sheets, or a barrier of red and white boards, across the site."""
    colour, other = pick(rng, SHEETS), (244, 242, 236)
    striped = rng.random() < 0.35
    wide = tall * rng.uniform(1.1, 1.7)
    start = -rng.uniform(0, 1) * wide
    if striped:
        colour, tall = (214, 60, 48), 0.55 * tall
    gap = int(rng.integers(0, 9))
    for index, x in enumerate(np.arange(start, canvas.width + wide, wide)):
        if index % 9 == gap:
            continue
        tones = light.tones(colour if not striped or index % 2 else other, 0.3)
        if striped:
            canvas.rectangle(x, base - tall, x + wide, base - 0.45 * tall, tones.mid)
            canvas.rectangle(x, base - 0.55 * tall, x + wide, base - 0.45 * tall, tones.dark)
            canvas.rectangle(x, base - tall, x + 0.08 * wide, base, light.tones((150, 150, 150)).mid)
            continue
        canvas.rectangle(x, base - tall, x + wide, base, tones.mid)
        for share in (0.2, 0.4, 0.6, 0.8):
            canvas.line(np.array([(x + share * wide, base - tall), (x + share * wide, base)]), 0.02 * tall, tones.dark)
        canvas.rectangle(x, base - tall, x + wide, base - 0.92 * tall, tones.bright)
        canvas.rectangle(x, base - 0.08 * tall, x + wide, base, tones.dark)
        canvas.rectangle(x - 0.03 * wide, base - tall, x + 0.03 * wide, base, tones.dark)
