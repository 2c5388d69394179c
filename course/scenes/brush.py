"""A canvas that notes, for every pixel, who painted it last."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]  # red, green, blue
Points = NDArray[np.float64]  # (N, 2) or (2,): x and y in pixels of the picture, continuous

SUPER = 3  # the canvas is this many times finer than the picture; odd, so that every pixel has a middle one
SHIFT = 4  # OpenCV takes points with this many binary places
_ANGLES = np.linspace(0, 2 * np.pi, 28, endpoint=False)
CIRCLE: Points = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
_ARC = np.linspace(-np.pi / 2, np.pi / 2, 9)
ARC: Points = np.stack([np.cos(_ARC), np.sin(_ARC)], axis=1)  # half a circle, around the x axis


class Canvas:
    """Red, green, blue and owner: what is painted over something else becomes the owner of those pixels.

    One paint stroke writes colour and owner together, so masks cannot differ from what is seen.
    """

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width
        self.pixels = np.zeros((height * SUPER, width * SUPER, 4), np.uint8)
        self.owner = 0  # 0: scenery

    def polygon(self, points: Points, colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.pixels, [_grid(points)], (*colour, self.owner), shift=SHIFT)

    def polygons(self, points: Points, colour: Colour) -> None:
        """Fill many polygons ``(N, corners, 2)`` at once; they should not overlap."""
        cv2.fillPoly(self.pixels, list(_grid(points)), (*colour, self.owner), shift=SHIFT)

    def ellipse(self, centre: Points, radii: tuple[float, float], colour: Colour) -> None:
        """Fill an ellipse with upright axes."""
        self.polygon(centre + CIRCLE * radii, colour)

    def rectangle(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.polygon(np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)]), colour)

    def line(self, points: Points, width: float, colour: Colour) -> None:
        """Draw a line through the points, at least one pixel of the fine canvas wide."""
        thickness = max(1, round(width * SUPER))
        cv2.polylines(self.pixels, [_grid(points)], False, (*colour, self.owner), thickness, shift=SHIFT)

    def veil(self, points: Points, colour: Colour, strength: float) -> None:
        """Lay a translucent polygon over scenery."""
        low = np.maximum(np.floor(points.min(0) * SUPER).astype(int), 0)
        high = np.ceil(points.max(0) * SUPER).astype(int) + 1
        part = self.pixels[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
        if part.size == 0:
            return
        cover = np.zeros(part.shape[:2], np.uint8)
        cv2.fillPoly(cover, [_grid(points - low / SUPER)], 1, shift=SHIFT)
        mixed = cv2.addWeighted(part, 1 - strength, np.full_like(part, (*colour, 0)), strength, 0)
        cv2.copyTo(mixed, cover, part)

    def picture(self) -> NDArray[np.uint8]:
        """The colours, averaged to the picture's own pixels: ``(height, width, 3)``."""
        size = self.width, self.height
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)[..., :3], np.uint8)

    def owners(self) -> NDArray[np.uint8]:
        """The person seen at the middle of every pixel: ``(height, width)``."""
        middle = SUPER // 2
        return np.ascontiguousarray(self.pixels[middle::SUPER, middle::SUPER, 3])


def moved(points: Points, right: float, down: float) -> Points:
    """A point, or many, so far away."""
    return points + np.array((right, down))


def capsule(start: Points, end: Points, radius1: float, radius2: float) -> Points:
    """The outline of a limb: two half circles and what lies between them."""
    along = end - start
    along = along / max(float(np.hypot(*along)), 1e-9)
    turn = np.array([[along[0], along[1]], [-along[1], along[0]]])
    half = ARC @ turn
    return np.concatenate([end + radius2 * half, start - radius1 * half])


def smooth(points: Points, steps: int = 4) -> Points:
    """A closed polygon with rounded corners: a uniform quadratic B-spline of its corners."""
    return _spline(len(points), steps) @ points


@functools.cache
def _spline(corners: int, steps: int) -> NDArray[np.float64]:
    """The shares that every corner has in the points of a spline: ``(corners * steps, corners)``."""
    here = np.eye(corners)[:, None]
    before, after = (np.roll(here, 1, 0) + here) / 2, (np.roll(here, -1, 0) + here) / 2
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    return ((1 - t) ** 2 * before + 2 * t * (1 - t) * here + t**2 * after).reshape(-1, corners)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two; ``share`` belongs to the other."""
    (r1, g1, b1), (r2, g2, b2), rest = one, other, 1 - share
    return round(r1 * rest + r2 * share), round(g1 * rest + g2 * share), round(b1 * rest + b2 * share)


def _grid(points: Points) -> NDArray[np.int32]:
    """Picture coordinates as OpenCV's fixed-point ones: there, whole numbers are the middles of pixels."""
    return (points * (SUPER << SHIFT) - (0.5 * (1 << SHIFT) - 0.5)).astype(np.int32)
