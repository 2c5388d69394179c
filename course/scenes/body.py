"""A jointed body in three dimensions: where its joints are, and how they turn into points of the picture.

The body's own axes: x to the person's left, y up, z ahead; lengths in shares of the body's height, the ground at 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Angles = tuple[float, float]  # degrees from hanging straight down: forwards, outwards

HEAD = 0.915  # height of the head's middle
HEAD_RADII = (0.062, 0.080)  # across, up
SHOULDER, HIP = (0.118, 0.788), (0.066, 0.515)  # from the middle, up
UPPER_ARM, FOREARM, HAND = 0.168, 0.150, 0.045
THIGH, SHIN, FOOT = 0.240, 0.232, 0.085
EXTRA = ("left_hand", "right_hand", "left_toe", "right_toe", "neck", "pelvis", "head")


@dataclass(frozen=True)
class Pose:
    """Directions of the limbs; the two angles of upper arm, forearm, thigh and shin, left then right."""

    arms: tuple[Angles, Angles, Angles, Angles]
    legs: tuple[Angles, Angles, Angles, Angles] = ((3, 6), (-3, 3), (-2, 6), (-5, 3))
    lean: float = 0.0  # of the trunk, forwards


POSES = {
    "stand": Pose(((4, 13), (14, 5), (0, 12), (12, 4))),
    "relax": Pose(((-4, 15), (16, 8), (6, 14), (22, -2)), ((4, 10), (-2, 6), (-2, 4), (-8, 3))),
    "walk": Pose(((-30, 9), (-8, 4), (28, 9), (58, 0)), ((26, 2), (4, 2), (-18, 2), (-42, 2)), 4),
    "stride": Pose(((34, 8), (72, 0), (-34, 8), (-4, 2)), ((-22, 2), (-50, 2), (32, 2), (8, 2)), 8),
    "wave": Pose(((2, 12), (12, 4), (20, 128), (10, 172))),
    "cheer": Pose(((10, 142), (8, 164), (14, 138), (6, 158)), ((2, 12), (-2, 9), (2, 12), (-4, 9))),
    "point": Pose(((80, 26), (84, 18), (0, 14), (12, 4)), lean=3),
    "aside": Pose(((2, 13), (12, 4), (12, 84), (10, 92))),
    "akimbo": Pose(((-16, 42), (24, -46), (-16, 42), (24, -46)), ((2, 9), (-2, 6), (2, 9), (-2, 6))),
    "phone": Pose(((2, 12), (14, 4), (38, 22), (152, -30))),
    "carry": Pose(((16, 12), (84, -14), (16, 12), (84, -14))),
    "reach": Pose(((128, 14), (150, 8), (118, 18), (140, 10)), ((6, 7), (-4, 4), (-6, 7), (-10, 4))),
    "stop": Pose(((4, 13), (14, 5), (78, 14), (138, 6))),
    "squat": Pose(((52, 16), (66, -10), (48, 16), (62, -8)), ((98, 20), (-38, 6), (94, 20), (-36, 6)), 24),
    "kneel": Pose(((34, 12), (52, -6), (44, 14), (70, -6)), ((86, 10), (-4, 3), (4, 4), (-88, 2)), 12),
    "bend": Pose(((20, 6), (24, 0), (26, 6), (30, -2)), ((16, 8), (-14, 3), (12, 8), (-14, 3)), 52),
}


@dataclass(frozen=True)
class Body:
    """Joints in the picture; ``depth`` grows towards the viewer, in shares of the height."""

    points: dict[str, Vector]  # (2,)
    depth: dict[str, float]
    turn: float  # of the trunk: 0 faces the viewer, 90° looks to the picture's right
    gaze: float  # of the head
    size: float  # the body's height in pixels


def joints(pose: Pose) -> dict[str, Vector]:
    """All joints of a pose in the body's own axes; the lowest ankle stands on the ground."""
    arms = [np.array(angles) for angles in pose.arms]
    legs = [np.array(angles) for angles in pose.legs]
    lean = np.radians(pose.lean)
    tip = np.array([[1, 0, 0], [0, np.cos(lean), -np.sin(lean)], [0, np.sin(lean), np.cos(lean)]])
    pelvis = np.array([0.0, HIP[1], 0.0])

    def trunk(x: float, y: float, z: float = 0.0) -> Vector:
        return np.asarray(pelvis + tip @ (np.array([x, y, z]) - pelvis))

    # The head stays more upright than the trunk: it follows half the lean.
    neck = trunk(0, 0.835)
    head = neck + np.array([0, (HEAD - 0.835) * np.cos(lean / 2), (HEAD - 0.835) * np.sin(lean / 2) + 0.012])
    found = {"pelvis": pelvis, "neck": neck, "head": head}
    for side, name, arm, leg in ((1, "left", arms[:2], legs[:2]), (-1, "right", arms[2:], legs[2:])):
        found[f"{name}_shoulder"] = trunk(side * SHOULDER[0], SHOULDER[1])
        found[f"{name}_elbow"] = found[f"{name}_shoulder"] + UPPER_ARM * _towards(arm[0], side)
        found[f"{name}_wrist"] = found[f"{name}_elbow"] + FOREARM * _towards(arm[1], side)
        found[f"{name}_hand"] = found[f"{name}_wrist"] + HAND * _towards(arm[1], side)
        found[f"{name}_hip"] = np.array([side * HIP[0], HIP[1], 0])
        found[f"{name}_knee"] = found[f"{name}_hip"] + THIGH * _towards(leg[0], side)
        found[f"{name}_ankle"] = found[f"{name}_knee"] + SHIN * _towards(leg[1], side)
        tilt = np.clip(leg[1][0], -70, 0)  # a shin that points backwards lifts the heel
        found[f"{name}_toe"] = found[f"{name}_ankle"] + FOOT * _towards(np.array([90 + 0.6 * tilt, 6]), side)
    ground = min(found[f"{side}_{end}"][1] for side in ("left", "right") for end in ("ankle", "toe")) - 0.028
    return {name: place - (0, ground, 0) for name, place in found.items()}


def project(
    placed: dict[str, Vector], feet: tuple[float, float], size: float, turn: float, gaze: float, tilt: float
) -> Body:
    """Turn the body about its upright axis, look at it slightly from above (``tilt``), and put it on its feet."""
    head = placed["head"]
    across = HEAD_RADII[0]
    face = {"nose": (0, -0.016, 0.062), "left_eye": (0.025, 0.002, 0.049), "left_ear": (across, -0.002, -0.004)}
    face |= {name.replace("left", "right"): (-x, y, z) for name, (x, y, z) in face.items() if x}
    names = list(placed) + list(face)
    looking = np.array([head + _about(gaze) @ np.array(place) for place in face.values()])
    trunk = (np.array(list(placed.values())) - head * (1, 0, 1)) @ _about(turn).T
    turned = np.concatenate([trunk, looking - head * (1, 0, 1)])
    feet_now = (trunk[names.index("left_ankle")] + trunk[names.index("right_ankle")]) / 2
    turned -= (feet_now[0], 0, feet_now[2])
    points = np.asarray(feet) + size * np.stack([turned[:, 0], turned[:, 2] * tilt - turned[:, 1]], axis=1)
    middle = turned[names.index("pelvis"), 2]
    depth = dict(zip(names, turned[:, 2] - middle, strict=True))
    return Body(dict(zip(names, points, strict=True)), depth, turn, gaze, size)


def jitter(pose: Pose, rng: np.random.Generator) -> Pose:
    """The pose of somebody else: every angle a few degrees off, left and right swapped half of the time."""
    arms, legs = (np.array(limbs) + rng.normal(0, 5, (4, 2)) for limbs in (pose.arms, pose.legs))
    if rng.random() < 0.5:
        arms, legs = np.roll(arms, 2, 0), np.roll(legs, 2, 0)
    return Pose(_four(arms), _four(legs), pose.lean + float(rng.normal(0, 2)))


def between(one: Pose, other: Pose, share: float) -> Pose:
    """A pose on the way from one to another, angle by angle; ``share`` belongs to the other."""
    arms, legs = (
        (1 - share) * np.array(first) + share * np.array(second)
        for first, second in ((one.arms, other.arms), (one.legs, other.legs))
    )
    return Pose(_four(arms), _four(legs), (1 - share) * one.lean + share * other.lean)


def _four(limbs: Vector) -> tuple[Angles, Angles, Angles, Angles]:
    one, two, three, four = ((float(ahead), float(out)) for ahead, out in limbs)
    return one, two, three, four


def _towards(angles: Vector, side: int) -> Vector:
    """The unit vector of a limb."""
    ahead, out = np.radians(angles)
    return np.array([side * np.sin(out), -np.cos(out) * np.cos(ahead), np.cos(out) * np.sin(ahead)])


def _about(degrees: float) -> Vector:
    """A turn about the upright axis: 90° brings what lay ahead to the picture's right."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
