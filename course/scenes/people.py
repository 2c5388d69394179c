"""Paint a body: limbs as shaded capsules, trunk, vest, head, far parts first.

While a part is painted, the canvas's owner is ``person + part``: so it is known later whether a joint is seen or
lies behind the person's own arm.
"""

import numpy as np

from course.scenes.body import Body, Vector
from course.scenes.brush import ARC, Canvas, Colour, Points, capsule, mix, smooth
from course.scenes.head import paint_head, paint_long_hair
from course.scenes.light import Light, Tones
from course.scenes.parts import HEAD, LEFT_ARM, LEFT_LEG, RIGHT_ARM, RIGHT_LEG, TRUNK
from course.scenes.wardrobe import Outfit

SILVER: Colour = (232, 236, 236)


def paint_person(canvas: Canvas, body: Body, outfit: Outfit, light: Light, code: int) -> None:
    """Paint everything but the helmet, and what is in front of it: see :func:`paint_near_arms`."""
    for side in sorted(("left", "right"), key=lambda side: body.depth[f"{side}_knee"]):
        canvas.owner = code + (LEFT_LEG if side == "left" else RIGHT_LEG)
        _leg(canvas, body, outfit, light, side)
    for side in _arms(body, near=False):
        _arm(canvas, body, outfit, light, side, code)
    canvas.owner = code + TRUNK
    if outfit.long_hair and abs(body.gaze) <= 100:
        canvas.owner = code + HEAD
        paint_long_hair(canvas, body, outfit, light)
        canvas.owner = code + TRUNK
    _trunk(canvas, body, outfit, light)
    canvas.owner = code + HEAD
    paint_head(canvas, body, outfit, light)


def paint_near_arms(canvas: Canvas, body: Body, outfit: Outfit, light: Light, code: int) -> None:
    """Paint the arms that are nearer than the trunk; they also cover the face and the helmet."""
    for side in _arms(body, near=True):
        _arm(canvas, body, outfit, light, side, code)


def _arms(body: Body, near: bool) -> list[str]:
    """The arms before (near) or behind the trunk, the farther first."""
    deep = {
        side: (body.depth[f"{side}_elbow"] + body.depth[f"{side}_wrist"] + body.depth[f"{side}_hand"]) / 3
        for side in ("left", "right")
    }
    chest = (body.depth["neck"] + body.depth["pelvis"]) / 2
    return sorted((side for side in deep if (deep[side] > chest - 0.02) == near), key=lambda side: deep[side])


def _limb(canvas: Canvas, points: list[Points], radii: list[float], tones: Tones, side: int) -> None:
    """A bent tube: the whole of it in shade, then lighter and narrower towards the sun."""
    sunwards = np.array([0.85 * side, -0.5])
    bones = []
    for start, end, first, second in zip(points, points[1:], radii, radii[1:], strict=False):
        thick = np.repeat((second, first), len(ARC))[:, None]
        rim = capsule(start, end, first, second)
        axis = np.repeat((end, start), len(ARC), axis=0)
        bones.append((axis, rim - axis, sunwards * thick))
    for colour, width, shift in tones.steps():
        for axis, away, offset in bones:
            canvas.polygon(axis + width * away + shift * offset, colour)


def _leg(canvas: Canvas, body: Body, outfit: Outfit, light: Light, side: str) -> None:
    hip, knee, ankle, toe = (body.points[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle", "toe"))
    unit = body.size * outfit.build
    boots, cloth = light.tones(outfit.boots), light.tones(outfit.trousers)
    heel = ankle + (ankle - toe) * 0.25
    _limb(canvas, [heel, toe], [0.026 * body.size, 0.023 * body.size], boots, light.side)
    _limb(canvas, [knee + (ankle - knee) * 0.72, ankle], [0.034 * unit, 0.031 * unit], boots, light.side)
    cuff = knee + (ankle - knee) * 0.84
    _limb(canvas, [hip, knee, cuff], [0.059 * unit, 0.043 * unit, 0.037 * unit], cloth, light.side)


def _arm(canvas: Canvas, body: Body, outfit: Outfit, light: Light, side: str, code: int) -> None:
    canvas.owner = code + (LEFT_ARM if side == "left" else RIGHT_ARM)
    shoulder, elbow, wrist, hand = (body.points[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist", "hand"))
    unit = body.size * outfit.build
    skin, cloth = light.tones(outfit.skin, 0.34), light.tones(outfit.shirt)
    glove = light.tones(outfit.gloves) if outfit.gloves else skin
    _limb(canvas, [wrist, hand], [0.023 * unit, 0.022 * unit], glove, light.side)
    if outfit.long_sleeves:
        cuff = elbow + (wrist - elbow) * 0.93
        _limb(canvas, [shoulder, elbow, cuff], [0.041 * unit, 0.035 * unit, 0.028 * unit], cloth, light.side)
        return
    _limb(canvas, [shoulder, elbow, wrist], [0.034 * unit, 0.029 * unit, 0.022 * unit], skin, light.side)
    hem = shoulder + (elbow - shoulder) * 0.62
    _limb(canvas, [shoulder, hem], [0.041 * unit, 0.037 * unit], cloth, light.side)


# Rows of the trunk from the neck to the hips: how far down the spine, half width from the front, from the side.
_ROWS = np.array(
    [
        (-0.03, 0.036, 0.030),
        (0.03, 0.100, 0.046),
        (0.12, 0.143, 0.064),
        (0.34, 0.124, 0.074),
        (0.66, 0.104, 0.068),
        (0.96, 0.112, 0.070),
        (1.10, 0.108, 0.066),
    ]
)


def _rows(body: Body, build: float, widen: float = 1.0) -> tuple[Points, Vector, Vector]:
    """The middle of every row of the trunk, its half width in the picture, and the direction across."""
    turn = np.radians(body.turn)
    half = np.hypot(_ROWS[:, 1] * np.cos(turn), _ROWS[:, 2] * np.sin(turn)) * body.size * build * widen
    neck, pelvis = body.points["neck"], body.points["pelvis"]
    spine = pelvis - neck
    across = np.array([spine[1], -spine[0]]) / max(float(np.hypot(*spine)), 1e-9)
    return neck + _ROWS[:, :1] * spine, half, across


def _shell(rows: tuple[Points, Vector, Vector], width: float = 1.0, shift: float = 0.0, last: int = 7) -> Points:
    """The outline of the trunk, or a narrower stripe of it moved aside."""
    middle, half, across = rows
    left = (middle + ((shift - width) * half)[:, None] * across)[:last]
    right = (middle + ((shift + width) * half)[:, None] * across)[:last]
    return smooth(np.concatenate([left, right[::-1]]), 3)


def _trunk(canvas: Canvas, body: Body, outfit: Outfit, light: Light) -> None:
    rows = _rows(body, outfit.build)
    for colour, width, shift in light.tones(outfit.trousers).steps():
        canvas.polygon(_shell(rows, width, shift * light.side), colour)
    for colour, width, shift in light.tones(outfit.shirt).steps():
        canvas.polygon(_shell(rows, width, shift * light.side, 6), colour)
    if outfit.vest:
        _vest(canvas, body, outfit, light, outfit.vest)
    neck, head = body.points["neck"], body.points["head"]
    skin = light.tones(outfit.skin, 0.34)
    collar = neck + (body.points["pelvis"] - neck) * 0.03
    canvas.polygon(capsule(collar, head, 0.036 * body.size, 0.034 * body.size), mix(skin.mid, skin.dark, 0.7))


def _vest(canvas: Canvas, body: Body, outfit: Outfit, light: Light, colour: Colour) -> None:
    """A safety vest with two reflecting belts and braces, open at the neck."""
    rows = _rows(body, outfit.build, 1.05)
    middle, half, across = rows
    vest, silver = light.tones(colour, 0.34), light.tones(SILVER, 0.3)
    for tone, width, shift in vest.steps():
        canvas.polygon(_shell(rows, 0.95 * width, shift * light.side, 6), tone)
    spine = np.array([across[1], -across[0]]) * -1.0  # down the back
    front = np.cos(np.radians(body.turn))
    for row, thick in ((3.25, 0.020), (4.35, 0.020)):
        index = int(row)
        share = row - index
        centre = middle[index] + (middle[index + 1] - middle[index]) * share
        reach = (half[index] + (half[index + 1] - half[index]) * share) * 0.94
        bow = np.linspace(-1, 1, 7)
        curve = centre + bow[:, None] * reach * across + ((1 - bow**2) * 0.018 * body.size)[:, None] * spine
        down = spine * thick * body.size
        canvas.polygon(np.concatenate([curve - down, (curve + down)[::-1]]), silver.mid)
        lit = curve[3:] if light.side > 0 else curve[:4]
        canvas.polygon(np.concatenate([lit - down, (lit + down)[::-1]]), silver.bright)
    shift = 0.7 * np.sin(np.radians(body.turn))
    for side in (-1, 1):
        x = shift + side * 0.52 * abs(front)
        if abs(x) < 0.9:
            brace = np.array([middle[1] + x * 0.8 * half[2] * across, middle[3] + x * half[3] * across])
            canvas.line(brace, 0.026 * body.size, silver.mid)
    if front > 0.2:  # the front: a V at the neck and a zip below it
        at = middle + (shift * half)[:, None] * across
        wide = 0.034 * body.size * front
        canvas.polygon(
            np.array([at[0] - wide * across, at[0] + wide * across, at[2] + (at[3] - at[2]) * 0.3]),
            light.tones(outfit.shirt).mid,
        )
        canvas.line(at[2:6], 0.008 * body.size, vest.dark)
