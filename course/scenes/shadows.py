"""Soft shadows on the ground: everything's outline laid down away from the sun, blurred once for the whole scene."""

import cv2
import numpy as np
from numpy.typing import NDArray

from course.scenes.body import Body
from course.scenes.brush import CIRCLE, SUPER, Canvas, Points, capsule, moved
from course.scenes.light import Light

_BONES = (
    ("neck", "pelvis", 0.17), ("left_shoulder", "right_shoulder", 0.08), ("left_hip", "right_hip", 0.10),
    *((f"{side}_{a}", f"{side}_{b}", wide) for side in ("left", "right")
      for a, b, wide in (("shoulder", "elbow", 0.075), ("elbow", "hand", 0.06), ("hip", "knee", 0.11),
                         ("knee", "ankle", 0.085), ("ankle", "toe", 0.06))),
)  # fmt: skip
_PLACES = 4  # binary places of OpenCV's points


class Shadows:
    """How much of the sun every pixel of the ground loses."""

    def __init__(self, canvas: Canvas, light: Light, long: float, deep: float) -> None:
        """``long`` and ``deep``: how far the shadow of something 1 high reaches sideways and into the picture."""
        self.canvas, self.light = canvas, light
        self.lean = np.array([-light.side * long, -deep])
        self.sun = np.zeros((canvas.height, canvas.width), np.uint8)
        self.near = np.zeros_like(self.sun)  # right under things, where the open sky is hidden too

    def body(self, body: Body, ground: float) -> None:
        """The shadow of a person who stands at this height of the picture."""
        for start, end, wide in _BONES:
            half = 0.5 * wide * body.size
            self.outline(capsule(body.points[start], body.points[end], half, half), ground)
        self.outline(body.points["head"] + CIRCLE * (0.08 * body.size), ground)
        for side in ("left", "right"):
            foot = (body.points[f"{side}_ankle"] + body.points[f"{side}_toe"]) / 2
            self._fill(self.near, moved(foot, 0, 0.02 * body.size) + CIRCLE * (0.085 * body.size, 0.028 * body.size))

    def outline(self, points: Points, ground: float) -> None:
        """The shadow of something flat that stands upright."""
        self._fill(self.sun, self._laid(points, ground))

    def under(self, middle: Points, radii: tuple[float, float]) -> None:
        """The dark place under something."""
        self._fill(self.near, middle + CIRCLE * radii)

    def fall(self) -> None:
        """Darken the canvas, once, before anything that stands on the ground is painted."""
        unit = min(self.canvas.height, self.canvas.width)
        sun = cv2.GaussianBlur(self.sun, (0, 0), 0.006 * unit + 0.35).astype(np.float32)
        near = cv2.GaussianBlur(self.near, (0, 0), 0.010 * unit + 0.35).astype(np.float32)
        dark = self.light.mood.shadows
        left = (1 - sun * (dark / 255)) * (1 - near * (0.5 / 255))  # the share of light that is left
        tint = np.array(self.light.mood.shade, np.float32) / 255
        tint = 0.55 * tint / tint.max()
        factor = np.zeros((*left.shape, 4), np.uint8)  # the canvas's fourth number, the owner, is still 0 everywhere
        factor[..., :3] = np.rint(255 * (left[..., None] + (1 - left[..., None]) * tint * 0.45))
        top = max(0, int(np.flatnonzero((self.sun | self.near).any(1)).min(initial=self.canvas.height)) - 8)
        if top >= self.canvas.height:
            return
        fine = cv2.resize(factor[top:], None, fx=SUPER, fy=SUPER, interpolation=cv2.INTER_LINEAR)
        part = self.canvas.pixels[top * SUPER :]
        cv2.multiply(part, fine, dst=part, scale=1 / 255)

    def _laid(self, points: Points, ground: float) -> Points:
        return points * (1, 0) + (0, ground) + (ground - points[:, 1:]) * self.lean

    def _fill(self, mask: NDArray[np.uint8], points: Points) -> None:
        cv2.fillPoly(mask, [_grid(points)], 255, shift=_PLACES)


def _grid(points: Points) -> NDArray[np.int32]:
    return np.rint((points - 0.5) * (1 << _PLACES)).astype(np.int32)
