"""Right answers to lab 4, in styles as different as students are."""

import torch
from torch import Tensor

from autograder.grader.answers import right

# sample_rois


@right
def sample_rois__plain(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    from course.library import box_iou, encode_boxes

    boxes = torch.cat([proposals, gt_boxes])
    labels, matched = gt_labels.new_zeros(len(boxes)), gt_labels.new_zeros(len(boxes))
    if len(gt_boxes):
        iou, matched = box_iou(boxes, gt_boxes).max(1)
        labels = torch.where(iou >= iou_threshold, gt_labels[matched], 0)
    pos, neg = torch.where(labels > 0)[0], torch.where(labels == 0)[0]
    n_pos = min(int(batch_size * positive_fraction), len(pos))
    n_neg = min(batch_size - n_pos, len(neg))
    pos = pos[torch.randperm(len(pos), generator=generator)[:n_pos]]
    neg = neg[torch.randperm(len(neg), generator=generator)[:n_neg]]
    keep = torch.cat([pos, neg])
    targets = torch.zeros_like(boxes[keep])
    targets[: len(pos)] = encode_boxes(gt_boxes[matched[pos]], boxes[pos], (10, 10, 5, 5))
    return boxes[keep], labels[keep], targets


@right
def sample_rois__masks(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    from course.library import box_iou, encode_boxes

    boxes = torch.cat([gt_boxes, proposals])
    if gt_boxes.shape[0] == 0:  # nothing but background
        some = torch.randperm(len(boxes), generator=generator)[:batch_size]
        return boxes[some], gt_labels.new_zeros(len(some)), torch.zeros_like(boxes[some])
    iou = box_iou(gt_boxes, boxes)
    values, which = iou.max(dim=0)
    classes = gt_labels[which] * (values >= iou_threshold)
    # random keys: the smallest ones of each kind win
    keys = torch.rand(len(boxes), generator=generator).to(boxes.device)
    order = keys.argsort()
    objects = order[classes[order] > 0][: int(positive_fraction * batch_size)]
    others = order[classes[order] == 0][: batch_size - len(objects)]
    picked = torch.cat([others, objects])
    picked = picked[torch.randperm(len(picked), generator=generator)]
    return boxes[picked], classes[picked], encode_boxes(gt_boxes[which[picked]], boxes[picked], (10, 10, 5, 5))


@right
def sample_rois__loop(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    import math

    everything = proposals.tolist() + gt_boxes.tolist()
    truth = gt_boxes.tolist()
    objects, background = [], []
    for i, (x1, y1, x2, y2) in enumerate(everything):
        best, owner = 0.0, -1
        for j, (a1, b1, a2, b2) in enumerate(truth):
            inter = max(0.0, min(x2, a2) - max(x1, a1)) * max(0.0, min(y2, b2) - max(y1, b1))
            union = (x2 - x1) * (y2 - y1) + (a2 - a1) * (b2 - b1) - inter
            if union > 0 and inter / union > best:
                best, owner = inter / union, j
        if owner >= 0 and best >= iou_threshold:
            objects.append((i, owner))
        else:
            background.append((i, -1))

    def draw(from_: list, count: int) -> list:
        return [from_[k] for k in torch.randperm(len(from_), generator=generator).tolist()[:count]]

    sample = draw(objects, math.floor(batch_size * positive_fraction))
    sample += draw(background, batch_size - len(sample))
    rois, labels, targets = [], [], []
    for i, j in sample:
        x1, y1, x2, y2 = everything[i]
        rois.append(everything[i])
        labels.append(int(gt_labels[j]) if j >= 0 else 0)
        delta = [0.0] * 4
        if j >= 0:
            a1, b1, a2, b2 = truth[j]
            w, h = x2 - x1, y2 - y1
            delta[0] = 10 * ((a1 + a2) / 2 - (x1 + x2) / 2) / w
            delta[1] = 10 * ((b1 + b2) / 2 - (y1 + y2) / 2) / h
            delta[2] = 5 * math.log((a2 - a1) / w)
            delta[3] = 5 * math.log((b2 - b1) / h)
        targets.append(delta)
    return (
        torch.tensor(rois, dtype=proposals.dtype, device=proposals.device).reshape(-1, 4),
        torch.tensor(labels, dtype=torch.int64, device=proposals.device),
        torch.tensor(targets, dtype=proposals.dtype, device=proposals.device).reshape(-1, 4),
    )


@right
def sample_rois__keys(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    from course.library import box_iou, encode_boxes

    boxes = torch.vstack([gt_boxes, proposals])
    owner = torch.zeros(len(boxes), dtype=torch.int64, device=boxes.device)
    labels = torch.zeros_like(owner)
    if gt_boxes.numel():
        iou = box_iou(boxes, gt_boxes)
        owner = iou.argmax(1)
        labels = gt_labels[owner] * (iou.amax(1) >= iou_threshold)

    def pick(mask: Tensor, count: int) -> Tensor:
        index = torch.where(mask)[0]
        if min(count, len(index)) == 0:
            return index[:0]
        equal = torch.ones(len(index), device=boxes.device)
        return index[torch.multinomial(equal, min(count, len(index)), generator=generator)]

    objects = pick(labels > 0, int(batch_size * positive_fraction))
    keep = torch.cat([objects, pick(labels == 0, batch_size - len(objects))]).sort().values
    targets = torch.full_like(boxes[keep], 7.5)  # background's are never looked at
    if gt_boxes.numel():
        deltas = encode_boxes(gt_boxes[owner[keep]], boxes[keep]) * boxes.new_tensor([10, 10, 5, 5])
        targets = torch.where(labels[keep, None] > 0, deltas, targets)
    return boxes[keep], labels[keep], targets


# roi_pool


@right
def roi_pool__slices(features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float) -> Tensor:
    import math

    high, wide = output_size
    height, width = features.shape[2:]
    rows = []
    for roi in rois.tolist():
        image = int(roi[0])
        x1, y1, x2, y2 = [math.floor(v * spatial_scale + 0.5) for v in roi[1:]]
        tall, broad = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
        bins = []
        for i in range(high):
            top, bottom = y1 + math.floor(i * tall / high), y1 + math.ceil((i + 1) * tall / high)
            for j in range(wide):
                left, right = x1 + math.floor(j * broad / wide), x1 + math.ceil((j + 1) * broad / wide)
                part = features[image, :, max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)].flatten(1)
                bins.append(part.amax(1) if part.numel() else features.new_zeros(features.shape[1]))
        rows.append(torch.stack(bins, 1).unflatten(1, (high, wide)))
    return torch.stack(rows) if rows else features.new_zeros(0, features.shape[1], high, wide)


@right
def roi_pool__bins(features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float) -> Tensor:
    high, wide = output_size
    height, width = features.shape[2:]
    pooled = torch.zeros(len(rois), features.shape[1], high, wide, dtype=features.dtype, device=features.device)
    for r in range(len(rois)):
        image = int(rois[r, 0])
        x1, y1, x2, y2 = torch.floor(rois[r, 1:] * spatial_scale + 0.5).int().tolist()
        tall, broad = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
        for i in range(high):
            top, bottom = y1 + i * tall // high, y1 - (-(i + 1) * tall // high)
            for j in range(wide):
                left, right = x1 + j * broad // wide, x1 - (-(j + 1) * broad // wide)
                part = features[image, :, max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
                if part.numel() > 0:
                    pooled[r, :, i, j] = part.flatten(1).max(dim=1).values
    return pooled


@right
def roi_pool__masks(features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float) -> Tensor:
    first = rois[:, 1:] * spatial_scale
    first = torch.where(first < 0, (first - 0.5).ceil(), (first + 0.5).floor())

    def member(begin: Tensor, end: Tensor, count: int, limit: int) -> Tensor:
        """[R, count, limit]: whether each cell belongs to each bin."""
        cell = torch.arange(limit, device=rois.device)
        k = torch.arange(count, device=rois.device)[None, :, None]
        side = (end - begin + 1).clamp(min=1)[:, None, None]
        inside = cell - begin[:, None, None]
        return (inside >= torch.floor(k * side / count)) & (inside < torch.ceil((k + 1) * side / count))

    rows = member(first[:, 1], first[:, 3], output_size[0], features.shape[2])
    columns = member(first[:, 0], first[:, 2], output_size[1], features.shape[3])
    answers = []
    for r in range(rois.shape[0]):
        both = rows[r][:, None, :, None] & columns[r][None, :, None, :]  # [high, wide, H, W]
        one = features[rois[r, 0].long()][:, None, None].masked_fill(~both, float("-inf"))
        largest = one.flatten(3).amax(3)
        answers.append(torch.where(both.any(3).any(2), largest, torch.zeros_like(largest)))
    return torch.stack(answers) if answers else features.new_zeros(0, features.shape[1], *output_size)


@right
def roi_pool__adaptive(features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float) -> Tensor:
    import math

    height, width = features.shape[-2:]
    answers = []
    for roi in rois:
        x1, y1, x2, y2 = [math.floor(float(v) * spatial_scale + 0.5) for v in roi[1:]]
        left, top = max(0, -x1), max(0, -y1)
        border = (left, max(0, x2 + 1 - width), top, max(0, y2 + 1 - height))
        padded = torch.nn.functional.pad(features[int(roi[0])], border, value=-math.inf)
        part = padded[:, y1 + top : y2 + 1 + top, x1 + left : x2 + 1 + left]
        pooled = torch.nn.functional.adaptive_max_pool2d(part, output_size)
        answers.append(torch.where(torch.isinf(pooled), torch.zeros_like(pooled), pooled))
    return torch.stack(answers) if answers else features.new_zeros(0, features.shape[1], *output_size)


# bilinear_sample


@right
def bilinear_sample__four_corners(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    height, width = feature.shape[1:]
    gone = (y < -1) | (y > height) | (x < -1) | (x > width)
    y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
    y0, x0 = y.floor().long(), x.floor().long()
    y1, x1 = (y0 + 1).clamp(max=height - 1), (x0 + 1).clamp(max=width - 1)
    b, a = y - y0, x - x0
    mixed = (
        feature[:, y0, x0] * (1 - b) * (1 - a)
        + feature[:, y0, x1] * (1 - b) * a
        + feature[:, y1, x0] * b * (1 - a)
        + feature[:, y1, x1] * b * a
    )
    return mixed.masked_fill(gone, 0)


@right
def bilinear_sample__hats(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    channels, height, width = feature.shape
    gone = (y < -1) | (y > height) | (x < -1) | (x > width)
    rows = torch.arange(height, device=y.device, dtype=y.dtype)[:, None]
    columns = torch.arange(width, device=x.device, dtype=x.dtype)[:, None]
    down = torch.relu(1 - (y.clamp(min=0, max=height - 1) - rows).abs())  # [H, K]
    across = torch.relu(1 - (x.clamp(min=0, max=width - 1) - columns).abs())  # [W, K]
    values = torch.einsum("chw,hk,wk->ck", feature, down, across)
    return values.masked_fill(gone, 0)


@right
def bilinear_sample__loop(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    import math

    channels, height, width = feature.shape
    columns = []
    for v, u in zip(y.tolist(), x.tolist(), strict=True):
        if v < -1 or v > height or u < -1 or u > width:
            columns.append(feature.new_zeros(channels))
            continue
        v, u = min(max(v, 0), height - 1), min(max(u, 0), width - 1)
        i, j = math.floor(v), math.floor(u)
        total = 0
        for row, near_row in ((i, 1 - (v - i)), (i + 1, v - i)):
            for column, near_column in ((j, 1 - (u - j)), (j + 1, u - j)):
                if near_row * near_column > 0:
                    total = total + feature[:, row, column] * (near_row * near_column)
        columns.append(total)
    return torch.stack(columns, dim=1) if columns else feature.new_zeros(channels, 0)


# roi_align


@right
def roi_align__roi_by_roi(
    features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float, sampling_ratio: int = 2
) -> Tensor:
    from course.library import bilinear_sample

    high, wide = output_size
    n = sampling_ratio
    rows = []
    for roi in rois:
        x1, y1, x2, y2 = roi[1:] * spatial_scale - 0.5
        tall, broad = y2 - y1, x2 - x1
        y = y1 + (torch.arange(high * n, device=rois.device, dtype=rois.dtype) + 0.5) * tall / (high * n)
        x = x1 + (torch.arange(wide * n, device=rois.device, dtype=rois.dtype) + 0.5) * broad / (wide * n)
        grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
        values = bilinear_sample(features[int(roi[0])], grid_y.flatten(), grid_x.flatten())
        rows.append(values.reshape(-1, high, n, wide, n).mean((2, 4)))
    return torch.stack(rows) if rows else features.new_zeros(0, features.shape[1], high, wide)


@right
def roi_align__matrices(
    features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float, sampling_ratio: int = 2
) -> Tensor:
    def weights(begin: Tensor, end: Tensor, bins: int, cells: int) -> Tensor:
        n = bins * sampling_ratio
        at = begin[:, None] + (end - begin)[:, None] * (torch.arange(n, device=begin.device) * 2 + 1) / (2 * n)
        seen = (at >= -1) & (at <= cells)
        hat = 1 - (at.clamp(0, cells - 1)[..., None] - torch.arange(cells, device=begin.device)).abs()
        return (hat.clamp(min=0) * seen[..., None]).reshape(len(begin), bins, sampling_ratio, cells).mean(2)

    x1, y1, x2, y2 = (rois[:, k] * spatial_scale - 0.5 for k in range(1, 5))
    down = weights(y1, y2, output_size[0], features.shape[2])
    across = weights(x1, x2, output_size[1], features.shape[3])
    answers = [
        torch.einsum("ih,chw,jw->cij", down[r], features[image], across[r])
        for r, image in enumerate(rois[:, 0].long().tolist())
    ]
    return torch.stack(answers) if answers else features.new_zeros(0, features.shape[1], *output_size)


@right
def roi_align__bin_by_bin(
    features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float, sampling_ratio: int = 2
) -> Tensor:
    from course.library import bilinear_sample

    high, wide = output_size
    out = torch.zeros((len(rois), features.size(1), high, wide), dtype=features.dtype, device=features.device)
    offsets = (torch.arange(sampling_ratio, dtype=rois.dtype, device=rois.device) + 0.5) / sampling_ratio
    for r, roi in enumerate(rois):
        x1, y1, x2, y2 = roi[1:] * spatial_scale - 0.5
        bin_h, bin_w = (y2 - y1) / high, (x2 - x1) / wide
        for i in range(high):
            for j in range(wide):
                y, x = torch.meshgrid(y1 + (i + offsets) * bin_h, x1 + (j + offsets) * bin_w, indexing="ij")
                out[r, :, i, j] = bilinear_sample(features[int(roi[0])], y.reshape(-1), x.reshape(-1)).mean(dim=1)
    return out


@right
def roi_align__grid_sample(
    features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float, sampling_ratio: int = 2
) -> Tensor:
    height, width = features.shape[2:]
    rows, columns = output_size[0] * sampling_ratio, output_size[1] * sampling_ratio
    x1, y1, x2, y2 = (rois[:, 1:] * spatial_scale).unbind(1)
    down = (torch.arange(rows, device=rois.device, dtype=rois.dtype) + 0.5) / rows
    across = (torch.arange(columns, device=rois.device, dtype=rois.dtype) + 0.5) / columns
    y = (y1[:, None] + down * (y2 - y1)[:, None])[:, :, None].expand(-1, -1, columns)
    x = (x1[:, None] + across * (x2 - x1)[:, None])[:, None, :].expand(-1, rows, -1)
    far = (y < -0.5) | (y > height + 0.5) | (x < -0.5) | (x > width + 0.5)
    grid = torch.stack([2 * x / width - 1, 2 * y / height - 1], dim=-1)
    out = [
        torch.nn.functional.grid_sample(features[i : i + 1], grid[r][None], padding_mode="border", align_corners=False)[
            0
        ].masked_fill(far[r], 0)
        for r, i in enumerate(rois[:, 0].long().tolist())
    ]
    if not out:
        return features.new_zeros(0, features.shape[1], *output_size)
    return torch.nn.functional.avg_pool2d(torch.stack(out), sampling_ratio)


# BoxHead


@right
class BoxHead__plain(torch.nn.Module):
    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.fc6 = torch.nn.Linear(in_features, hidden)
        self.fc7 = torch.nn.Linear(hidden, hidden)
        self.cls_score = torch.nn.Linear(hidden, num_classes)
        self.bbox_pred = torch.nn.Linear(hidden, 4 * num_classes)
        for layer in (self.cls_score, self.bbox_pred):
            torch.nn.init.normal_(layer.weight, std=0.01)
            torch.nn.init.zeros_(layer.bias)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        x = pooled.flatten(1)
        x = self.fc6(x).relu()
        x = self.fc7(x).relu()
        return self.cls_score(x), self.bbox_pred(x)


@right
class BoxHead__functional(torch.nn.Module):
    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.fc6 = torch.nn.Linear(in_features, hidden)
        self.fc7 = torch.nn.Linear(hidden, hidden)
        self.cls_score = torch.nn.Linear(hidden, num_classes)
        self.bbox_pred = torch.nn.Linear(hidden, num_classes * 4)
        self.cls_score.weight.data.normal_(0, 0.01)
        self.cls_score.bias.data.zero_()
        self.bbox_pred.weight.data.normal_(0, 0.01)
        self.bbox_pred.bias.data.zero_()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = x.reshape(x.shape[0], self.fc6.in_features)
        x = torch.nn.functional.relu(self.fc6(x))
        x = torch.nn.functional.relu(self.fc7(x))
        return self.cls_score(x), self.bbox_pred(x)


@right
class BoxHead__matrices(torch.nn.Module):
    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        sizes = {
            "bbox_pred": (hidden, 4 * num_classes),
            "cls_score": (hidden, num_classes),
            "fc7": (hidden, hidden),
            "fc6": (in_features, hidden),
        }
        for name, (before, after) in sizes.items():
            layer = torch.nn.Linear(before, after)
            torch.nn.init.trunc_normal_(layer.weight, std=0.01, a=-0.05, b=0.05)
            torch.nn.init.constant_(layer.bias, 0)
            self.add_module(name, layer)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.flatten(pooled, 1)
        for layer in (self.fc6, self.fc7):
            h = (h @ layer.weight.T + layer.bias).clamp(min=0)
        return self.cls_score(h), self.bbox_pred(h)


@right
class BoxHead__sequential(torch.nn.Module):
    # the hidden layers have two names each: their own, and one in the sequence
    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Flatten(),
            torch.nn.Linear(in_features, hidden),
            torch.nn.ReLU(),
            torch.nn.Linear(hidden, hidden),
            torch.nn.ReLU(),
        )
        self.fc6, self.fc7 = self.body[1], self.body[3]
        self.cls_score, self.bbox_pred = torch.nn.Linear(hidden, num_classes), torch.nn.Linear(hidden, num_classes * 4)
        for answer in (self.cls_score, self.bbox_pred):
            torch.nn.init.normal_(answer.weight, 0, 0.01)
            torch.nn.init.zeros_(answer.bias)

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.body(pooled)
        return self.cls_score(hidden), self.bbox_pred(hidden)


# detection_loss


@right
def detection_loss__plain(logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    count = max(len(labels), 1)
    cls_loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum") / count
    objects = torch.where(labels > 0)[0]
    own = deltas.unflatten(1, (-1, 4))[objects, labels[objects]]
    loc_loss = torch.nn.functional.smooth_l1_loss(own, targets[objects], beta=1 / 9, reduction="sum")
    return cls_loss, loc_loss / count


@right
def detection_loss__masked(logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    count = max(labels.numel(), 1)
    log_p = logits.log_softmax(dim=1)
    cls_loss = -log_p.gather(1, labels[:, None]).sum() / count
    columns = labels[:, None] * 4 + torch.arange(4, device=labels.device)
    gap = (deltas.gather(1, columns) - targets).abs()
    beta = 1 / 9
    each = torch.where(gap < beta, gap**2 / (2 * beta), gap - beta / 2)
    return cls_loss, (each * (labels > 0)[:, None]).sum() / count


@right
def detection_loss__loop(logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    if len(labels) == 0:
        return logits.sum() * 0, deltas.sum() * 0
    total = deltas.sum() * 0
    for r in range(len(labels)):
        c = int(labels[r])
        if c != 0:
            total = total + torch.nn.functional.smooth_l1_loss(
                deltas[r, 4 * c : 4 * c + 4], targets[r], beta=1 / 9, reduction="sum"
            )
    return torch.nn.functional.cross_entropy(logits, labels), total / len(labels)


# postprocess_detections


@right
def postprocess_detections__flat(
    logits: Tensor,
    deltas: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    from torchvision.ops import batched_nms

    from course.library import clip_boxes_to_image, decode_boxes, remove_small_boxes

    r, k = logits.shape
    wide = rois[:, None].expand(r, k, 4).reshape(-1, 4)
    boxes = decode_boxes(deltas.reshape(-1, 4), wide, (10, 10, 5, 5))
    boxes = clip_boxes_to_image(boxes, size)
    scores = logits.softmax(1).flatten()
    labels = torch.arange(k, device=logits.device).repeat(r)
    keep = torch.where((labels > 0) & (scores > score_threshold))[0]
    boxes, scores, labels = boxes[keep], scores[keep], labels[keep]
    keep = remove_small_boxes(boxes, 0.01)
    boxes, scores, labels = boxes[keep], scores[keep], labels[keep]
    keep = batched_nms(boxes, scores, labels, nms_threshold)[:max_detections]
    return boxes[keep], labels[keep], scores[keep]


@right
def postprocess_detections__batched(
    logits: Tensor,
    deltas: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    from torchvision.ops import batched_nms, clip_boxes_to_image

    from course.library import decode_boxes

    r, k = logits.shape
    wide = rois.repeat_interleave(k, dim=0)
    boxes = clip_boxes_to_image(decode_boxes(deltas.reshape(r * k, 4), wide, (10, 10, 5, 5)), size)
    scores = torch.softmax(logits, 1).reshape(-1)
    labels = torch.arange(k, device=logits.device).repeat(r)
    sides = boxes[:, 2:] - boxes[:, :2]
    good = (labels > 0) & (scores > score_threshold) & (sides >= 0.01).all(1)
    boxes, scores, labels = boxes[good], scores[good], labels[good]
    keep = batched_nms(boxes, scores, labels, nms_threshold)[:max_detections]
    return boxes[keep], labels[keep], scores[keep]


@right
def postprocess_detections__loop(
    logits: Tensor,
    deltas: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    import math

    candidates = []
    chances = logits.softmax(1).tolist()
    for r, (x1, y1, x2, y2) in enumerate(rois.tolist()):
        w, h = x2 - x1, y2 - y1
        for c in range(1, logits.shape[1]):
            if not chances[r][c] > score_threshold:
                continue
            dx, dy, dw, dh = deltas[r, 4 * c : 4 * c + 4].tolist()
            cx, cy = (x1 + x2) / 2 + dx / 10 * w, (y1 + y2) / 2 + dy / 10 * h
            limit = math.log(1000 / 16)
            nw, nh = w * math.exp(min(dw / 5, limit)), h * math.exp(min(dh / 5, limit))
            box = [cx - nw / 2, cy - nh / 2, cx + nw / 2, cy + nh / 2]
            box = [min(max(v, 0.0), float(size[1 - n % 2])) for n, v in enumerate(box)]
            if box[2] - box[0] >= 0.01 and box[3] - box[1] >= 0.01:
                candidates.append((chances[r][c], c, box))
    candidates.sort(key=lambda item: -item[0])
    kept: list = []
    for score, c, box in candidates:
        clear = True
        for _, other, b in kept:
            if other == c:
                inter = max(0.0, min(box[2], b[2]) - max(box[0], b[0])) * max(
                    0.0, min(box[3], b[3]) - max(box[1], b[1])
                )
                union = (box[2] - box[0]) * (box[3] - box[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inter
                if inter / union > nms_threshold:
                    clear = False
        if clear:
            kept.append((score, c, box))
    kept = kept[:max_detections]
    return (
        torch.tensor([box for _, _, box in kept], dtype=rois.dtype, device=rois.device).reshape(-1, 4),
        torch.tensor([c for _, c, _ in kept], dtype=torch.int64, device=rois.device),
        torch.tensor([score for score, _, _ in kept], dtype=rois.dtype, device=rois.device),
    )
