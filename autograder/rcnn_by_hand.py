"""This course, as whoever grades it knows it (:mod:`autograder.spec`)."""

from autograder.spec import ROOT, CourseSpec
from course import checks, draw, explore

SPEC = CourseSpec(
    root=ROOT,
    exercises="autograder.labs:EXERCISES",
    checks="course.checks",
    code=("course", "solutions", "autograder"),
    packages=("course",),
    hidden=("course/weights",),  # a trained detector is to be the student's own
    preload=(
        "matplotlib.pyplot",
        "ipywidgets",
        "course.checks",
        "course.draw",
        "course.explore",
        "course.library",
        "course.pipeline",
        "course.scenes",
        "course.setup",
        "course.training",
        *sorted({*checks.MODULES.values(), *draw.MODULES.values(), *explore.MODULES.values()}),
    ),
    library="course.library",
    neighbours="course.parts:NAMES",
    absent=(
        "torchvision._meta_registrations",
        "torchvision._autograd_registrations",
        "torchvision.ops",
        "torchvision.models.detection",
        "torchvision.transforms.v2",
        "torch.ops.torchvision",
        "pycocotools",
        "cv2.dnn",
        "course.library",
        "course.labs.*.library",
        "course.metrics.coco",
        "course.buglab",
        "course.zoo",
    ),
    kept=("torchvision.ops.misc", "torchvision.ops.stochastic_depth", "torchvision.ops.drop_block"),
    native=("torchvision/_C*.so", "cv2/*.so"),
    served="autograder.served:SERVED",
    leaks=("solutions.*", "autograder.labs.*"),
    weights="course/weights/scenes.safetensors",
    made_up="autograder.labs",
)
