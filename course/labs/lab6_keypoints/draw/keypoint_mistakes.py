"""What a coarser grid, half a pixel, swapped axes, an edge and v = 0 do to joints."""

from collections.abc import Callable

import torch
from matplotlib.patches import Circle
from torch import Tensor
from torch.nn.functional import one_hot

from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, RED
from course.drawing.pose import simulated_heatmaps
from course.drawing.skeletons import photo, skeleton
from course.labs.lab6_keypoints.draw.heatmaps import targets

ENLARGED = 4  # the persons of the scene as they would be in a picture of 960 × 1280


@shown
def grid_error(
    keypoints: Tensor, rois: Tensor, keypoints_to_heatmap: Callable, heatmaps_to_keypoints: Callable
) -> Drawing:
    """By how many pixels joints are off after the way to a cell and back: two grids, and without the half pixel."""
    keypoints = keypoints.cpu() * torch.tensor([ENLARGED, ENLARGED, 1])
    rois = rois.cpu() * ENLARGED
    coarse = _errors(keypoints, rois, keypoints_to_heatmap, heatmaps_to_keypoints, 28)
    fine = _errors(keypoints, rois, keypoints_to_heatmap, heatmaps_to_keypoints, 56)
    panels = {
        "28 × 28, as on the slide": (coarse, RED),
        "56 × 56": (fine, GREEN),
        "56 × 56 without + ½": (fine - 0.5, RED),
    }
    figure = new_figure(9.6, 3.7)
    reach = float(coarse.abs().max()) * 1.1
    words = []
    for ax, (title, (errors, colour)) in zip(figure.subplots(1, 3), panels.items(), strict=True):
        mean, off = errors.norm(dim=1).mean(), errors.mean(dim=0)
        ax.axhline(0, color=FAINT, linewidth=0.7)
        ax.axvline(0, color=FAINT, linewidth=0.7)
        ax.add_patch(Circle((0, 0), float(mean), fill=False, edgecolor=colour, linewidth=1.6))
        ax.plot(errors[:, 0], errors[:, 1], ".", color=BLUE, markersize=6, alpha=0.75)
        ax.plot(*off.tolist(), "+", color=INK, markersize=13, markeredgewidth=2)
        ax.set(xlim=(-reach, reach), ylim=(reach, -reach), aspect="equal", xlabel="pixels in x")
        ax.set_title(f"{title}\noff by {mean:.1f} pixels", fontsize=10, color=colour)
        words.append(f"{title}: {mean:.2f} on average, middle at ({off[0]:.2f}, {off[1]:.2f})")
    alt = (
        f"Errors of {len(fine)} joints in pixels, in a picture of {ENLARGED} times the size, after your "
        f"keypoints_to_heatmap and heatmaps_to_keypoints. {'; '.join(words)}."
    )
    caption = "Dots: joints; circle: mean distance; cross: middle of all errors, which should be 0, 0."
    return Drawing(figure, alt, caption)


def _errors(keypoints: Tensor, rois: Tensor, there: Callable, back: Callable, size: int) -> Tensor:
    """By how much each joint that counts is off, ``(n, 2)``, after one hot cell in a grid of ``size``."""
    index, valid = targets(keypoints, rois, there, size)
    maps = one_hot(index, size**2).unflatten(2, (size, size)).float()
    found = ask(back, maps, rois, shape=(*index.shape, 3))
    return (found[..., :2] - keypoints[..., :2])[valid]


@shown
def keypoint_mistakes(
    image: Tensor, keypoints: Tensor, roi: Tensor, keypoints_to_heatmap: Callable, heatmaps_to_keypoints: Callable
) -> Drawing:
    """One person by the student's functions, right and with three mistakes in the indices between them.

    The ROI is drawn in to the outermost joints, so that some lie exactly on its edges.
    """
    keypoints, size = keypoints.cpu(), 56
    labelled = keypoints[keypoints[:, 2] > 0, :2]
    tight = torch.cat([labelled.amin(dim=0), labelled.amax(dim=0)])
    index, valid = targets(keypoints[None], tight[None], keypoints_to_heatmap, size)
    row, column = index // size, index % size
    on_right = (keypoints[None, :, 0] == tight[2]) & valid
    tries = {
        "✓ right": (index, valid),
        "✗ x · 56 + y": (column * size + row, valid),
        "✗ edge forgotten": ((row * size + column + on_right).clamp(max=size**2 - 1), valid),
        "✗ v = 0 counted": (index, torch.ones_like(valid)),
    }
    margin = 0.06 * float(tight[3] - tight[1])
    view = (tight + torch.tensor([-1, -1, 1, 1]) * margin).tolist()
    figure = new_figure(9.8, 4.7)
    truth, words = keypoints[:, :2], []
    for ax, (title, (cells, counted)) in zip(figure.subplots(1, 4), tries.items(), strict=True):
        maps = simulated_heatmaps(cells, counted, keypoints[None, :, 2].clamp(min=1), size)
        found = ask(heatmaps_to_keypoints, maps, tight[None], shape=(1, len(keypoints), 3))[0]
        photo(ax, image, view)
        skeleton(ax, [(x, y, float(there)) for (x, y, _), there in zip(found.tolist(), counted[0], strict=True)])
        off = (found[:, :2] - truth).norm(dim=1)[keypoints[:, 2] > 0]
        phantoms = int((counted[0] & (keypoints[:, 2] == 0)).sum())
        says = f"{phantoms} joints too many" if phantoms else f"off by up to {float(off.max()):.0f} px"
        ax.set_title(f"{title}\n{says}", fontsize=10, color=GREEN if title[0] == "✓" else RED)
        words.append(f"{title[2:]}: {says}")
    alt = f"The skeleton of one person by your two functions, with mistakes in between. {'; '.join(words)}."
    return Drawing(figure, alt, "The ROI ends exactly at the outermost joints.")
