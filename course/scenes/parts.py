"""The parts of a body as the canvas tells them apart, and which of them a keypoint lies on."""

from course.scenes.body import Body

HEAD, TRUNK, LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG = range(1, 7)
PARTS = 8  # a person's owner numbers are code … code + PARTS - 1


def shown_by(keypoint: str) -> tuple[int, ...]:
    """The parts of the body that a keypoint lies on: it is seen where one of them is."""
    side = LEFT_ARM if keypoint.startswith("left") else RIGHT_ARM
    if keypoint.endswith(("elbow", "wrist")):
        return (side,)
    if keypoint.endswith("shoulder"):
        return TRUNK, side
    if keypoint.endswith("hip"):
        return TRUNK, side + 2
    if keypoint.endswith(("knee", "ankle")):
        return (side + 2,)
    return (HEAD,)


def turned_away(body: Body, keypoint: str) -> bool:
    """Whether a point of the face lies on the far side of the head."""
    return shown_by(keypoint) == (HEAD,) and body.depth[keypoint] - body.depth["head"] < (
        -0.02 if keypoint.endswith("ear") else 0.012
    )
