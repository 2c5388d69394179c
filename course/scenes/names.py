"""What the scenes' labels and keypoints are called: COCO's names and order for the keypoints."""

CLASSES = ("background", "person", "helmet", "cone", "ball")
PERSON, HELMET, CONE, BALL = range(1, len(CLASSES))

KEYPOINTS = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)

_BONES = """
left_ankle-left_knee left_knee-left_hip right_ankle-right_knee right_knee-right_hip left_hip-right_hip
left_shoulder-left_hip right_shoulder-right_hip left_shoulder-right_shoulder left_shoulder-left_elbow
right_shoulder-right_elbow left_elbow-left_wrist right_elbow-right_wrist left_eye-right_eye nose-left_eye
nose-right_eye left_eye-left_ear right_eye-right_ear left_ear-left_shoulder right_ear-right_shoulder
"""
# COCO's 19 bones, as pairs of indices into KEYPOINTS (counted from 0; COCO's own files count from 1).
SKELETON = tuple(
    (KEYPOINTS.index(start), KEYPOINTS.index(end)) for start, end in (bone.split("-") for bone in _BONES.split())
)
