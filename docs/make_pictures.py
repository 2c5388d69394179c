"""Draw the README's pictures: the notebook's own, with the reference solution, and a strip of scenes."""

from pathlib import Path
from unittest import mock

import cv2
import torch

from course import draw, scenes
from solutions.lab1_boxes.boxes import box_iou

HERE = Path(__file__).parent
ANCHORS = [[120.0, 152, 248, 280], [138.7, 125.5, 229.3, 306.5], [72, 104, 200, 232], [264, 104, 392, 232]]
HELMETS = [[147.0, 160, 234, 260], [312, 139, 348, 200]]
COLUMNS, ROWS, SIZE = 5, 2, 208


def main() -> None:
    """Write ``lab1_iou.png`` and ``scenes.jpg``, and print the former's text alternative for the README."""
    with mock.patch("course.drawing.figure.display") as display:
        draw.iou_heatmap(torch.tensor(ANCHORS), torch.tensor(HELMETS), box_iou)
    picture = display.call_args.args[0]
    (HERE / "lab1_iou.png").write_bytes(picture.png)
    print(picture.alt)

    images = [scenes.scene(seed, SIZE)[0] for seed in range(COLUMNS * ROWS)]
    rows = [torch.cat(images[row * COLUMNS :][:COLUMNS], dim=2) for row in range(ROWS)]
    sheet = torch.cat(rows, dim=1).permute(1, 2, 0).mul(255).byte().numpy()
    cv2.imwrite(str(HERE / "scenes.jpg"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
