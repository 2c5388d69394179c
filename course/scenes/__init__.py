"""Made-up building sites with people, helmets (安全帽), cones and balls, and the whole truth about each picture.

    image, target = scenes.scene(7)                   # 3 × 128 × 128, and what torchvision's detectors train on
    data = scenes.Scenes(400, size=(160, 240))        # a torch dataset
    scenes.write_coco("build/scenes", 100)            # PNG files and COCO's annotations.json
    python -m course.scenes --count 24 --out sheet.png

The same seed gives the same bytes, whatever else draws random numbers. How a picture comes about, module by module:
``layout`` decides who stands where, ``stage`` has ``backdrop``, ``shell``, ``yard``, ``shadows``, ``people`` and
``things`` painted from far to near on the ``brush`` module's canvas, and ``target`` reads the truth off that canvas.
"""

from course.scenes.coco import write_coco
from course.scenes.dataset import Scenes
from course.scenes.names import CLASSES, KEYPOINTS, SKELETON
from course.scenes.render import scene

__all__ = ["CLASSES", "KEYPOINTS", "SKELETON", "Scenes", "scene", "write_coco"]
