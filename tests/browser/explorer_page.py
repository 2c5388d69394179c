"""A notebook that shows every explorer, driven by the course's own functions."""

import nbformat

# What the explorers show, here and in the notebook: the tests compute from the same numbers what must be seen there.
DATA = """
import torch
from course import explore, lecture, library, scenes

anchors = library.grid_anchors((50, 50), 16, library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)))
valid, helmets = anchors[library.inside_image(anchors, lecture.SIZE)], torch.tensor(lecture.HELMETS)
iou = library.box_iou(valid, helmets)
labels = library.label_anchors(iou)[0]
random = torch.Generator().manual_seed(0)
objectness = torch.randn(len(anchors), 2, generator=random)
deltas = 0.2 * torch.randn(len(anchors), 4, generator=random)
boxes = torch.tensor([[0.0, 0, 100, 100], [10, 0, 110, 100], [0, 40, 100, 140], [200, 0, 300, 100]])
scores = torch.tensor([0.9, 0.8, 0.7, 0.6])
photo, target = scenes.scene(11, size=(240, 320))
person = target["labels"] == scenes.CLASSES.index("person")
joints, rois = target["keypoints"][person], target["boxes"][person]
masks = library.mask_targets(target["masks"], target["boxes"], torch.arange(len(target["boxes"])))
there_and_back = library.keypoints_to_heatmap, library.heatmaps_to_keypoints
found = {"boxes": target["boxes"], "labels": target["labels"], "scores": torch.linspace(0.9, 0.1, len(target["boxes"]))}

def roi_level(boxes):  # a student's, unwritten and hasty
    if boxes[0, 2] > 225:
        raise ValueError("too wide")
    raise NotImplementedError
"""

CELLS = {
    "iou": "explore.iou(library.box_iou)",
    "anchors": "explore.anchors(library.anchor_shapes, library.grid_anchors)",
    "labels": "explore.labels(valid, helmets, iou, library.label_anchors)",
    "sampling": "explore.sampling(valid, helmets, labels, library.sample_labels)",
    "deltas": "explore.deltas(library.decode_boxes)",
    "suppression": "explore.suppression(boxes, scores, library.nms)",
    "funnel": "explore.funnel(objectness, deltas, anchors, lecture.SIZE, library.make_proposals)",
    "pooling": "explore.pooling(library.roi_pool, library.roi_align)",
    "levels": "explore.levels(roi_level)",
    "upsampling": "explore.upsampling(library.upsample_1d)",
    "cut_out": 'explore.cut_out(photo, target["boxes"], masks, library.paste_mask)',
    "heatmap": "explore.heatmap(photo, joints[1], rois[1], *there_and_back)",
    "skeletons": "explore.skeletons(photo, joints, rois, *there_and_back)",
    "detections": "explore.detections(photo, lambda images: [found], scenes.CLASSES)",
}


def notebook() -> nbformat.NotebookNode:
    """The data in the first cell, then a cell for each explorer."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (DATA, *CELLS.values())]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
