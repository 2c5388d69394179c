"""Put a layout on the canvas: what stands far off first, then everything on the ground, from far to near."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from course.scenes import backdrop, shell, things, yard
from course.scenes.body import joints, project
from course.scenes.brush import CIRCLE, Canvas, Points, moved
from course.scenes.layout import Camera, Layout, Person, Thing
from course.scenes.light import Light
from course.scenes.names import BALL, CONE, HELMET, PERSON
from course.scenes.parts import PARTS
from course.scenes.people import paint_near_arms, paint_person
from course.scenes.shadows import Shadows
from course.scenes.target import Painted
from course.scenes.wardrobe import pick


@dataclass(frozen=True)
class Actor:
    """Something on the ground: where its feet are, how its shadow falls, and how it is painted.

    ``paint`` takes the canvas's number for the actor and returns what became an object: its label, number and body.
    """

    ground: float
    shade: Callable[[Shadows], None]
    paint: Callable[[int], list[Painted]]


def paint_scene(canvas: Canvas, layout: Layout, rng: np.random.Generator) -> list[Painted]:
    """Paint everything; the objects come back in the order in which they were painted."""
    horizon, unit = layout.horizon * canvas.height, min(canvas.height, canvas.width)
    # In an upright picture the lower edge is so near that a cone there would be taller than the people.
    camera = Camera(horizon, layout.camera, min(canvas.height - horizon, layout.camera * 0.5 * unit))
    _paint_far(canvas, layout.light, camera, rng)
    actors = [
        *_yard(canvas, layout.light, camera, rng),
        *(_person(canvas, layout.light, camera, person) for person in layout.people),
        *(_thing(canvas, layout.light, camera, HELMET, thing) for thing in layout.helmets),
        *(_thing(canvas, layout.light, camera, CONE, thing) for thing in layout.cones),
        *(_thing(canvas, layout.light, camera, BALL, thing) for thing in layout.balls),
    ]
    shadows = Shadows(canvas, layout.light, rng.uniform(0.35, 0.75), rng.uniform(0.10, 0.24))
    for actor in actors:
        actor.shade(shadows)
    shadows.fall()
    painted: list[Painted] = []
    for actor in sorted(actors, key=lambda actor: actor.ground):
        for thing in actor.paint(PARTS * (len(painted) + 1)):
            painted.append(replace(thing, area=_area(canvas, thing.code)))
    canvas.owner = 0
    return painted


def _area(canvas: Canvas, code: int) -> int:
    """The pixels that an object has just now."""
    return int(np.count_nonzero(canvas.owners() & -PARTS % 256 == code))


def _paint_far(canvas: Canvas, light: Light, camera: Camera, rng: np.random.Generator) -> None:
    unit, horizon = min(canvas.height, canvas.width), camera.horizon
    backdrop.paint_sky(canvas, horizon, light.mood, light, rng)
    backdrop.paint_ground(canvas, horizon, light.mood, rng)
    backdrop.paint_skyline(canvas, horizon, light, rng)
    roomy = canvas.width / unit
    for _ in range(round((1 + (rng.random() < 0.35)) * roomy)):
        foot = np.array([rng.uniform(0.08, 0.92) * canvas.width, horizon + 0.01 * unit])
        side = 1 if rng.random() < 0.5 else -1
        far = replace(light, haze=float(rng.uniform(0.25, 0.55)))
        backdrop.paint_crane(canvas, foot, rng.uniform(0.72, 1.0) * horizon, side, far, pick(rng, backdrop.STEEL))
    for _ in range(round((1 + (rng.random() < 0.5)) * roomy)):
        left = rng.uniform(-0.25, 0.9) * canvas.width
        floor = rng.uniform(0.07, 0.115) * unit
        shell.paint_shell(
            canvas, left, horizon + 0.025 * unit, floor, replace(light, haze=rng.uniform(0.16, 0.36)), rng
        )
    if rng.random() < 0.75:
        shell.paint_fence(canvas, horizon + 0.04 * unit, rng.uniform(0.07, 0.11) * unit, replace(light, haze=0.14), rng)


def _yard(canvas: Canvas, light: Light, camera: Camera, rng: np.random.Generator) -> list[Actor]:
    """Scenery on the ground; it hides what is behind it but is no object."""
    actors = []
    roomy = canvas.width / min(canvas.height, canvas.width)
    deep = camera.deepest
    for _ in range(int(rng.integers(0, 3))):
        middle = np.array([rng.uniform(0, 1) * canvas.width, camera.horizon + deep * rng.uniform(0.25, 0.95)])
        yard.paint_puddle(canvas, middle, camera.scale(middle[1]) * rng.uniform(0.4, 0.8), light)
    for _ in range(int(rng.integers(0, 3))):
        middle = np.array([rng.uniform(0, 1) * canvas.width, camera.horizon + deep * rng.uniform(0.25, 0.9)])
        yard.paint_planks(canvas, middle, camera.scale(middle[1]) * rng.uniform(0.5, 0.8), light, rng)
    for _ in range(round(rng.integers(1, 4) * roomy)):
        ground = camera.horizon + deep * rng.uniform(0.12, 0.34)
        foot = np.array([rng.uniform(-0.02, 1.02) * canvas.width, ground])
        actors.append(_lumber(canvas, replace(light, haze=0.08), foot, camera.scale(ground), rng))
    return actors


def _lumber(canvas: Canvas, light: Light, foot: Points, metre: float, rng: np.random.Generator) -> Actor:
    """One thing of the building trade."""
    kind = int(rng.integers(6))
    side = 1 if rng.random() < 0.5 else -1
    sand = pick(rng, ((216, 184, 130), (190, 160, 120), (150, 146, 142)))
    steel = pick(rng, backdrop.STEEL[:1] * 2 + backdrop.STEEL)
    brick, drum = pick(rng, shell.BRICKS), pick(rng, backdrop.SHEETS)
    half, tall, draw = (
        (1.5, 2.0, lambda: yard.paint_excavator(canvas, foot, 2.9 * metre, side, light, steel)),
        (1.3, 0.9, lambda: yard.paint_heap(canvas, foot, 1.4 * metre, light, sand)),
        (0.75, 1.2, lambda: yard.paint_pipes(canvas, foot, 1.5 * metre, light, (186, 180, 170))),
        (0.8, 1.0, lambda: yard.paint_bricks(canvas, foot, 1.25 * metre, light, brick)),
        (0.4, 0.95, lambda: yard.paint_drum(canvas, foot, 0.95 * metre, light, drum)),
        (1.3, 0.9, lambda: yard.paint_heap(canvas, foot, 1.4 * metre, light, sand)),
    )[kind]  # fmt: skip
    corners = foot + np.array([(-half, 0), (half, 0), (0.7 * half, -tall), (-0.7 * half, -tall)]) * metre

    def shade(shadows: Shadows) -> None:
        shadows.outline(corners, float(foot[1]))
        shadows.under(foot, (1.05 * half * metre, 0.12 * metre))

    def paint(code: int) -> list[Painted]:
        canvas.owner = 0
        draw()
        return []

    return Actor(float(foot[1]), shade, paint)


def _person(canvas: Canvas, light: Light, camera: Camera, person: Person) -> Actor:
    unit = min(canvas.height, 1.15 * canvas.width)
    size = person.share * unit
    ground = camera.ground(size / person.tall)
    light = replace(light, haze=float(np.clip(0.16 - 0.22 * person.share, 0, 0.12)))
    placed = joints(person.pose)
    body = project(placed, (person.x * canvas.width, ground), size, person.turn, person.gaze, 0.16)

    def paint(code: int) -> list[Painted]:
        paint_person(canvas, body, person.outfit, light, code)
        found = [Painted(code, PERSON, 0, body)]
        if person.outfit.helmet:
            canvas.owner = code + PARTS
            things.paint_worn_helmet(canvas, body, person.outfit.helmet, light)
            found.append(Painted(code + PARTS, HELMET, 0))
        paint_near_arms(canvas, body, person.outfit, light, code)
        return found

    return Actor(ground, lambda shadows: shadows.body(body, ground), paint)


def _thing(canvas: Canvas, light: Light, camera: Camera, label: int, thing: Thing) -> Actor:
    ground = camera.horizon + camera.deepest * (0.30 + 0.66 * thing.near)
    foot = np.array([thing.x * canvas.width, ground])
    size = thing.size * camera.scale(ground)

    def shade(shadows: Shadows) -> None:
        flat = 0.42 if label == CONE else 0.5
        shadows.under(moved(foot, 0, 0.02 * size), (flat * size, 0.13 * size))
        if label == CONE:
            shadows.outline(foot + np.array([(-0.28, 0), (0.28, 0), (0.05, -1), (-0.05, -1)]) * size, ground)
        else:
            high = 0.5 if label == BALL else 0.3
            shadows.outline(moved(foot, 0, -high * size) + CIRCLE * (0.48 * size, high * size), ground)

    def paint(code: int) -> list[Painted]:
        canvas.owner = code
        if label == CONE:
            things.paint_cone(canvas, foot, size, thing.colours[0], light)
        elif label == BALL:
            middle = moved(foot, 0, -0.5 * size)
            things.paint_ball(canvas, middle, 0.5 * size, thing.colours, thing.style, thing.turn / 40, light)
        else:
            rim = moved(foot, 0, -0.06 * size)
            things.paint_helmet(canvas, rim, 0.45 * size, thing.turn, thing.colours[0], light)
        return [Painted(code, label, 0)]

    return Actor(ground, shade, paint)
