"""A transposed convolution, one number after the other."""

from collections.abc import Callable

import torch
from matplotlib.patches import Rectangle

from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure
from course.drawing.palette import FAINT, INK
from course.exploring.controls import StepButton, dropdown, integer_slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab5_fpn_mask.draw.upsampling import WRITERS

NUMBERS = (2.0, 5.0, 1.0, 4.0)
KERNELS = {
    "½, 1, ½ (interpolates)": (0.5, 1.0, 0.5),
    "1, 1 (copies)": (1.0, 1.0),
    "1, 1, 1": (1.0, 1.0, 1.0),
    "1, 2, 3, 4": (1.0, 2.0, 3.0, 4.0),
}


def upsampling(upsample_1d: Callable) -> None:
    """Four numbers that write their copies of a kernel one after the other, by the student's function."""
    mine = StudentFunction(upsample_1d, "upsample_1d")
    explore(
        lambda step, stride, kernel: _drawing(mine, step, stride, kernel),
        lambda: {
            "step": integer_slider("step", 1, 0, len(NUMBERS)),
            "stride": integer_slider("stride", 2, 1, 4),
            "kernel": dropdown("kernel", KERNELS, "½, 1, ½ (interpolates)"),
        },
        [StepButton("back", "step", -1), StepButton("next step", "step")],
        functions=[mine],
    )


def _drawing(upsample_1d: StudentFunction, step: int, stride: int, kernel: tuple[float, ...]) -> Drawing:
    numbers, weight = torch.tensor(NUMBERS), torch.tensor(kernel)
    length = (len(NUMBERS) - 1) * stride + len(kernel)
    done = torch.arange(len(NUMBERS)) < step
    total = ask(upsample_1d, numbers * done, weight, stride, shape=(length,)).tolist()
    figure = new_figure(8.8, 3.9, layout=None)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.94))
    ax.set(xlim=(-1.8, max(length, len(NUMBERS)) - 0.4), ylim=(len(NUMBERS) + 1.6, -0.6))
    ax.axis("off")
    for row, value in enumerate(NUMBERS):
        written = row < step
        ax.text(-0.7, row, f"{value:g} writes", ha="right", va="center", color=INK if written else FAINT)
        for place, share in enumerate(kernel):
            at = row * stride + place
            inside, edge = (WRITERS[row], INK) if written else ("none", "#BBBBBB")
            cell = Rectangle((at - 0.46, row - 0.4), 0.92, 0.8, facecolor=inside, edgecolor=edge, alpha=0.45)
            ax.add_patch(cell)
            if written:
                ax.text(at, row, f"{value * share:g}", ha="center", va="center")
    ax.text(-0.7, len(NUMBERS) + 0.4, "sum", ha="right", va="center", weight="bold")
    for at, value in enumerate(total):
        ax.add_patch(Rectangle((at - 0.46, len(NUMBERS)), 0.92, 0.8, facecolor="white", edgecolor=INK))
        ax.text(at, len(NUMBERS) + 0.4, f"{value:g}", ha="center", va="center", weight="bold")
    said = ", ".join(f"{value:g}" for value in total)
    last = f"{NUMBERS[step - 1]:g} writes from place {(step - 1) * stride} on" if step else "nothing is written"
    summary = f"Step {step} of {len(NUMBERS)}, stride {stride}: {last}. Sum so far: {said}"
    words = ", ".join(f"{value:g}" for value in kernel)
    return Drawing(figure, f"Kernel {words}. {summary}, by your upsample_1d.", f"{summary}.")
