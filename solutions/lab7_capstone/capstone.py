import torch
from torch import Tensor
from torch.nn import functional as F


def average_precision(scores: Tensor, matched: Tensor, num_gt: int) -> Tensor:
    if num_gt == 0:
        return scores.new_full((), torch.nan)
    order = scores.argsort(descending=True, stable=True)
    right = matched[order].double().cumsum(dim=0)  # [N]: how many of the best 1, 2, … are right
    recall = right / num_gt
    precision = right / torch.arange(1, len(right) + 1, device=scores.device)

    # A last 0 stands for every recall that is never reached.
    envelope = F.pad(precision, (0, 1)).flip(0).cummax(dim=0).values.flip(0)  # [N + 1]
    thresholds = torch.arange(101, dtype=torch.float64, device=scores.device) * 0.01
    return envelope[torch.searchsorted(recall, thresholds)].mean().to(scores.dtype)
