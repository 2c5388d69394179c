"""Right answers to lab 6, in styles as different as students are."""

import torch
from torch import Tensor

from autograder.grader.answers import right

# KeypointHead


@right
class KeypointHead__plain(torch.nn.Module):
    def __init__(self, in_channels, hidden=512, num_keypoints=17):
        super().__init__()
        layers = []
        for number in range(8):
            layers.append(torch.nn.Conv2d(hidden if number else in_channels, hidden, 3, padding=1))
            layers.append(torch.nn.ReLU())
        self.convs = torch.nn.Sequential(*layers)
        self.kps_score_lowres = torch.nn.ConvTranspose2d(hidden, num_keypoints, 4, stride=2, padding=1)
        for layer in [*self.convs[0:16:2], self.kps_score_lowres]:
            torch.nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            torch.nn.init.constant_(layer.bias, 0)

    def forward(self, features):
        x = self.convs(features)
        x = self.kps_score_lowres(x)
        return torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


@right
class KeypointHead__slides(torch.nn.Module):
    """Line by line as the slide prints it, and the step that it does not print."""

    def __init__(self, in_channels, hidden=512, num_keypoints=17):
        super().__init__()
        self.convs = torch.nn.Sequential(
            torch.nn.Conv2d(in_channels, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(hidden, hidden, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            torch.nn.ReLU(inplace=True),
        )
        self.kps_score_lowres = torch.nn.ConvTranspose2d(
            hidden, num_keypoints, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1)
        )
        self.upsample = torch.nn.Upsample(scale_factor=2, mode="bilinear")
        self.apply(self.start)

    @staticmethod
    def start(layer):
        if hasattr(layer, "weight"):
            torch.nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)

    def forward(self, features):
        return self.upsample(self.kps_score_lowres(self.convs(features)))


@right
class KeypointHead__by_hand(torch.nn.Module):
    """ReLU, sizes and the first numbers by hand."""

    def __init__(self, in_channels, hidden=512, num_keypoints=17):
        super().__init__()
        self.convs = torch.nn.ModuleDict()
        for number in range(8):
            conv = torch.nn.Conv2d(in_channels if number == 0 else hidden, hidden, 3, 1, 1)
            conv.weight.data.normal_(0, (2 / (hidden * 9)) ** 0.5)
            conv.bias.data.zero_()
            self.convs[str(2 * number)] = conv
        self.kps_score_lowres = torch.nn.ConvTranspose2d(hidden, num_keypoints, 4, 2, 1)
        self.kps_score_lowres.weight.data.normal_(0, (2 / (hidden * 16)) ** 0.5)
        self.kps_score_lowres.bias.data.zero_()

    def forward(self, features):
        x = features
        for conv in self.convs.values():
            x = conv(x).clamp(min=0)
        x = self.kps_score_lowres(x)
        return torch.nn.functional.interpolate(x, (2 * x.shape[2], 2 * x.shape[3]), mode="bilinear")


# keypoints_to_heatmap


@right
def keypoints_to_heatmap__axes(keypoints: Tensor, rois: Tensor, size: int = 56) -> tuple[Tensor, Tensor]:
    x1, y1, x2, y2 = [side[:, None] for side in rois.unbind(1)]
    x, y, v = keypoints.unbind(2)
    column = ((x - x1) * size / (x2 - x1)).floor().long()
    row = ((y - y1) * size / (y2 - y1)).floor().long()
    column = torch.where(x == x2, size - 1, column)
    row = torch.where(y == y2, size - 1, row)
    valid = (column >= 0) & (column < size) & (row >= 0) & (row < size) & (v > 0)
    index = row * size + column
    return torch.where(valid, index, 0), valid


@right
def keypoints_to_heatmap__loop(keypoints: Tensor, rois: Tensor, size: int = 56) -> tuple[Tensor, Tensor]:
    import math

    index = torch.zeros(keypoints.shape[:2], dtype=torch.int64, device=keypoints.device)
    valid = torch.zeros(keypoints.shape[:2], dtype=torch.bool, device=keypoints.device)
    for r, (x1, y1, x2, y2) in enumerate(rois.tolist()):
        for k, (x, y, v) in enumerate(keypoints[r].tolist()):
            if v == 0 or not (x1 <= x <= x2 and y1 <= y <= y2):
                continue
            column = min(math.floor((x - x1) / (x2 - x1) * size), size - 1)
            row = min(math.floor((y - y1) / (y2 - y1) * size), size - 1)
            index[r, k] = row * size + column
            valid[r, k] = True
    return index, valid


@right
def keypoints_to_heatmap__torchvisions(keypoints: Tensor, rois: Tensor, size: int = 56) -> tuple[Tensor, Tensor]:
    offset_x, offset_y = rois[:, 0, None], rois[:, 1, None]
    scale_x, scale_y = size / (rois[:, 2, None] - offset_x), size / (rois[:, 3, None] - offset_y)
    x, y = keypoints[..., 0], keypoints[..., 1]
    on_right, on_bottom = x == rois[:, 2, None], y == rois[:, 3, None]
    x = ((x - offset_x) * scale_x).floor().long()
    y = ((y - offset_y) * scale_y).floor().long()
    x[on_right] = size - 1
    y[on_bottom] = size - 1
    valid = (x >= 0) & (y >= 0) & (x < size) & (y < size) & (keypoints[..., 2] > 0)
    return (y * size + x) * valid, valid


# keypoint_loss


@right
def keypoint_loss__plain(heatmaps: Tensor, index: Tensor, valid: Tensor) -> Tensor:
    logits = heatmaps.flatten(2)[valid]
    count = max(int(valid.sum()), 1)
    return torch.nn.functional.cross_entropy(logits, index[valid], reduction="sum") / count


@right
def keypoint_loss__ignoring(heatmaps: Tensor, index: Tensor, valid: Tensor) -> Tensor:
    if not valid.any():
        return heatmaps[valid].sum()
    targets = index.masked_fill(~valid, -100)
    return torch.nn.functional.cross_entropy(heatmaps.flatten(0, 1).flatten(1), targets.flatten(), ignore_index=-100)


@right
def keypoint_loss__by_hand(heatmaps: Tensor, index: Tensor, valid: Tensor) -> Tensor:
    flat = heatmaps.flatten(2)
    own = flat.gather(2, index.where(valid, 0)[..., None])[..., 0]
    costs = flat.logsumexp(2) - own
    return torch.where(valid, costs, 0).sum() / valid.sum().clamp(min=1)


@right
def keypoint_loss__loop(heatmaps: Tensor, index: Tensor, valid: Tensor) -> Tensor:
    total, count = heatmaps[valid].sum() * 0, 0
    for r in range(len(heatmaps)):
        for k in range(heatmaps.shape[1]):
            if valid[r, k]:
                total = total - heatmaps[r, k].flatten().log_softmax(0)[index[r, k]]
                count += 1
    return total / max(count, 1)


# heatmaps_to_keypoints


@right
def heatmaps_to_keypoints__loop(heatmaps: Tensor, rois: Tensor) -> Tensor:
    found = torch.zeros(*heatmaps.shape[:2], 3, dtype=heatmaps.dtype, device=heatmaps.device)
    for r in range(len(rois)):
        x1, y1, x2, y2 = rois[r]
        w, h = (x2 - x1).clamp(min=1), (y2 - y1).clamp(min=1)
        wide, high = int(w.ceil()), int(h.ceil())
        large = torch.nn.functional.interpolate(heatmaps[r : r + 1], (high, wide), mode="bicubic")[0]
        place = large.flatten(1).argmax(1)
        column, row = place % wide, place // wide
        found[r, :, 0] = x1 + (column + 0.5) * w / wide
        found[r, :, 1] = y1 + (row + 0.5) * h / high
        found[r, :, 2] = large.flatten(1).amax(1)
    return found


@right
def heatmaps_to_keypoints__joints(heatmaps: Tensor, rois: Tensor) -> Tensor:
    """Joint by joint, in Python's numbers."""
    import math

    people = []
    for maps, (x1, y1, x2, y2) in zip(heatmaps, rois.tolist(), strict=True):
        w, h = max(x2 - x1, 1.0), max(y2 - y1, 1.0)
        size = (math.ceil(h), math.ceil(w))
        joints = []
        for one in maps:
            large = torch.nn.functional.interpolate(one[None, None], size, mode="bicubic", align_corners=False)[0, 0]
            row, column = (large == large.max()).nonzero()[0].tolist()
            x, y = x1 + (column + 0.5) * w / size[1], y1 + (row + 0.5) * h / size[0]
            joints.append([x, y, float(large[row, column])])
        people.append(joints)
    return torch.tensor(people, dtype=heatmaps.dtype, device=heatmaps.device).reshape(*heatmaps.shape[:2], 3)


@right
def heatmaps_to_keypoints__matrices(heatmaps: Tensor, rois: Tensor) -> Tensor:
    """Bicubic interpolation as two matrix products: each axis on its own, several times as fast."""
    from torch.nn.functional import interpolate

    high, wide = heatmaps.shape[2:]
    kind = {"dtype": heatmaps.dtype, "device": heatmaps.device}
    sides = (rois[:, 2:] - rois[:, :2]).clamp(min=1)
    whole = sides.ceil()
    found = heatmaps.new_zeros(*heatmaps.shape[:2], 3)
    for r, (w, h) in enumerate(whole.long().tolist()):
        down = interpolate(torch.eye(high, **kind)[None, None], (h, high), mode="bicubic")[0, 0]
        across = interpolate(torch.eye(wide, **kind)[None, None], (wide, w), mode="bicubic")[0, 0]
        large = (down @ (heatmaps[r] @ across)).flatten(1)
        place = large.argmax(1, keepdim=True)
        found[r] = torch.cat([place % w, place // w, large.gather(1, place)], 1)
    xy = rois[:, None, :2] + (found[..., :2] + 0.5) * (sides / whole)[:, None]
    return torch.cat([xy, found[..., 2:]], 2)
