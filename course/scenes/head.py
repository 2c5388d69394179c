"""Paint a head: hair, ears, beard and a face that looks where the head does."""

import numpy as np

from course.scenes.body import HEAD_RADII, Body
from course.scenes.brush import CIRCLE, Canvas, capsule, mix, moved
from course.scenes.light import Light, Tones
from course.scenes.parts import turned_away
from course.scenes.wardrobe import Outfit


def paint_long_hair(canvas: Canvas, body: Body, outfit: Outfit, light: Light) -> None:
    """Long hair, as far as it hangs behind the shoulders: it comes before the trunk."""
    hair = light.tones(outfit.hair)
    head, size = body.points["head"], body.size
    back = -0.018 * np.sin(np.radians(body.gaze)) * size
    tip = moved(head, 1.6 * back, 0.10 * size)
    canvas.polygon(capsule(moved(head, back, -0.01 * size), tip, 0.066 * size, 0.05 * size), hair.dark)


def paint_head(canvas: Canvas, body: Body, outfit: Outfit, light: Light) -> None:
    """The head from any side, without helmet."""
    size, head = body.size, body.points["head"]
    across, up = (radius * size for radius in HEAD_RADII)
    skin, hair = light.tones(outfit.skin, 0.36), light.tones(outfit.hair)
    gaze = np.radians(body.gaze)
    ahead, front = np.sin(gaze), np.cos(gaze)
    ears = [name for name in ("left_ear", "right_ear") if not turned_away(body, name)]
    for name in ears:
        canvas.ellipse(body.points[name], (0.017 * size, 0.024 * size), skin.dark)
    if front < -0.35:  # from behind
        canvas.ellipse(head, (across, up), skin.dark if outfit.bald else hair.dark)
        lit = skin.mid if outfit.bald else hair.mid
        canvas.ellipse(moved(head, 0.1 * across * light.side, -0.08 * up), (0.82 * across, 0.84 * up), lit)
        if not outfit.bald and not outfit.long_hair:
            canvas.ellipse(moved(head, 0, 0.72 * up), (0.66 * across, 0.3 * up), skin.dark)
        if outfit.long_hair:
            tip = moved(head, 0, 0.10 * size)
            canvas.polygon(capsule(head, tip, 0.9 * across, 0.05 * size), hair.mid)
        return
    for colour, width, shift in skin.steps():
        offset = np.array([shift * across * light.side, -0.3 * shift * up])
        canvas.ellipse(head + offset, (across * width, up * width), colour)
    if not outfit.bald:
        _hair(canvas, body, outfit, hair)
    for name in ears:
        canvas.ellipse(body.points[name], (0.013 * size, 0.02 * size), skin.mid)
    if outfit.beard:
        chin = moved(head, 0.25 * ahead * across, 0.52 * up)
        canvas.polygon(chin + CIRCLE[:15] * (0.74 * across, 0.5 * up), hair.mid)
    _face(canvas, body, outfit, light)


def _hair(canvas: Canvas, body: Body, outfit: Outfit, hair: Tones) -> None:
    """A cap of hair whose rim runs across the forehead, lower at the back of the head."""
    size, head = body.size, body.points["head"]
    across, up = (radius * size for radius in HEAD_RADII)
    ahead = np.sin(np.radians(body.gaze))
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    x, y = np.cos(angles), -np.sin(angles)
    # Below the middle the cap ends at the rim: high where the face is, low where the back of the head is.
    rim = -0.42 + 0.85 * np.clip(-x * np.sign(ahead) * abs(ahead), 0, 1) + 0.25 * x**2
    cap = np.stack([1.04 * across * x, up * np.where(y < 0, 1.05 * y, np.minimum(rim, 0.8))], axis=1)
    canvas.polygon(head + cap, hair.dark)
    canvas.polygon(head + cap * 0.82 + (0.05 * across, -0.14 * up), hair.mid)


def _face(canvas: Canvas, body: Body, outfit: Outfit, light: Light) -> None:
    size, points = body.size, body.points
    front = float(np.cos(np.radians(body.gaze)))
    skin = light.tones(outfit.skin, 0.36)
    ink = light.far(mix((40, 28, 28), outfit.skin, 0.08))
    white = light.far((248, 246, 242))
    narrow = 0.45 + 0.55 * abs(front)
    for name in ("left_eye", "right_eye"):
        if turned_away(body, name):
            continue
        canvas.ellipse(points[name], (0.0095 * size * narrow, 0.0125 * size), ink)
        canvas.ellipse(moved(points[name], 0.002 * size, -0.004 * size), (0.0034 * size, 0.0034 * size), white)
        brow = points[name] + np.array([(-0.017 * narrow, -0.021), (0, -0.026), (0.017 * narrow, -0.021)]) * size
        canvas.line(brow, 0.006 * size, mix(light.far(outfit.hair), skin.dark, 0.3))
    nose = points["nose"]
    canvas.ellipse(moved(nose, 0, 0.002 * size), (0.011 * size, 0.013 * size), skin.dark)
    canvas.ellipse(moved(nose, 0.003 * size * light.side, -0.001 * size), (0.008 * size, 0.010 * size), skin.bright)
    if front > 0.2:
        at = points["head"] + np.array([0.62 * (nose[0] - points["head"][0]), 0.042 * size])
        mouth = at + np.array([(-0.019, 0), (-0.008, 0.006), (0.008, 0.006), (0.019, 0)]) * (size * front, size)
        canvas.line(mouth, 0.006 * size, mix(skin.dark, light.far((170, 60, 60)), 0.4))
