"""Right answers to lab 5, in styles as different as students are."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.grader.answers import right

# FPN


@right
class FPN__by_index(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.inner_blocks = nn.ModuleList()
        self.layer_blocks = nn.ModuleList()
        for c in in_channels:
            self.inner_blocks.append(nn.Conv2d(c, out_channels, 1))
            self.layer_blocks.append(nn.Conv2d(out_channels, out_channels, 3, padding=1))

    def forward(self, features):
        last = self.inner_blocks[-1](features[-1])
        results = [self.layer_blocks[-1](last)]
        for k in range(len(features) - 2, -1, -1):
            lateral = self.inner_blocks[k](features[k])
            last = lateral + F.interpolate(last, size=lateral.shape[-2:])
            results.insert(0, self.layer_blocks[k](last))
        results.append(results[-1][:, :, ::2, ::2])
        return results


@right
class FPN__recursive(nn.Module):
    def __init__(self, in_channels: list[int], out_channels: int) -> None:
        super().__init__()
        self.inner_blocks = nn.ModuleList([nn.Conv2d(c, out_channels, (1, 1)) for c in in_channels])
        self.layer_blocks = nn.ModuleList([nn.Conv2d(out_channels, out_channels, (3, 3), 1, 1) for c in in_channels])

    def enlarge(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        rows = torch.arange(size[0], device=x.device) * x.shape[2] // size[0]
        columns = torch.arange(size[1], device=x.device) * x.shape[3] // size[1]
        return x[:, :, rows][:, :, :, columns]

    def merged(self, features: list[Tensor], k: int) -> Tensor:
        lateral = self.inner_blocks[k](features[k])
        if k == len(features) - 1:
            return lateral
        return lateral + self.enlarge(self.merged(features, k + 1), (lateral.shape[2], lateral.shape[3]))

    def forward(self, features: list[Tensor]) -> tuple[Tensor, ...]:
        outputs = [layer(self.merged(features, k)) for k, layer in enumerate(self.layer_blocks)]
        return (*outputs, nn.MaxPool2d(1, 2)(outputs[-1]))


@right
class FPN__reversed(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        levels = range(len(in_channels))
        self.inner_blocks = nn.ModuleList(nn.Conv2d(in_channels[i], out_channels, 1) for i in levels)
        self.layer_blocks = nn.ModuleList(nn.Conv2d(out_channels, out_channels, 3, padding="same") for i in levels)

    def forward(self, features):
        running, out = None, []
        for inner, layer, x in list(zip(self.inner_blocks, self.layer_blocks, features))[::-1]:
            x = inner(x)
            if running is not None:
                x = x + nn.Upsample(size=tuple(x.shape[2:]), mode="nearest")(running)
            running = x
            out = [layer(x)] + out
        out += [F.max_pool2d(out[-1], 1, 2)]
        return out


# roi_level


@right
def roi_level__formula(boxes: Tensor, k_min: int = 2, k_max: int = 5) -> Tensor:
    w, h = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    k = (torch.log2((w * h) ** 0.5 / 224) + 4 + 1e-6).floor()
    return torch.clamp(k, min=k_min, max=k_max).to(torch.int64)


@right
def roi_level__one_by_one(boxes, k_min=2, k_max=5):
    import math

    levels = []
    for x1, y1, x2, y2 in boxes.tolist():
        area = (x2 - x1) * (y2 - y1)
        k = math.floor(4 + math.log2(math.sqrt(area) / 224) + 1e-6) if area > 0 else k_min
        levels.append(min(max(k, k_min), k_max))
    return torch.tensor(levels, dtype=torch.int64, device=boxes.device)


@right
def roi_level__counted(boxes, k_min=2, k_max=5):
    side = torch.sqrt((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])) * (1 + 1e-6)
    level = torch.full_like(side, k_min, dtype=torch.int64)
    for k in range(k_min + 1, k_max + 1):
        level += side >= 224 * 2.0 ** (k - 4)
    return level


# upsample_1d


@right
def upsample_1d__copies(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    if len(x) == 0:
        return x.clone()
    k = len(weight)
    y = torch.zeros((len(x) - 1) * stride + k, dtype=x.dtype, device=x.device)
    for i in range(len(x)):
        y[i * stride : i * stride + k] += x[i] * weight
    return y


@right
def upsample_1d__zeros_between(x, weight, stride):
    if x.numel() == 0:
        return x.new_empty(0)
    spread = torch.zeros(len(x), stride, dtype=x.dtype, device=x.device)
    spread[:, 0] = x
    spread = spread.flatten()[: (len(x) - 1) * stride + 1]
    return F.conv1d(spread[None, None], weight.flip(0)[None, None], padding=len(weight) - 1)[0, 0]


@right
def upsample_1d__index_add(x, weight, stride):
    if not len(x):
        return x.new_zeros(0)
    where = torch.arange(len(x), device=x.device)[:, None] * stride + torch.arange(len(weight), device=x.device)
    y = torch.zeros(int(where.max()) + 1, dtype=x.dtype, device=x.device)
    return y.index_add(0, where.flatten(), torch.outer(x, weight).flatten())


# upsample_2d


@right
def upsample_2d__cells(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    C, H, W = x.shape
    K, k = weight.shape[1], weight.shape[2]
    if H * W == 0:
        return torch.zeros(K, 0, 0, dtype=x.dtype, device=x.device)
    y = torch.zeros(K, (H - 1) * stride + k, (W - 1) * stride + k, dtype=x.dtype, device=x.device)
    for r in range(H):
        for q in range(W):
            square = torch.tensordot(x[:, r, q], weight, dims=1)
            y[:, r * stride : r * stride + k, q * stride : q * stride + k] += square
    return y


@right
def upsample_2d__zeros_between(x, weight, stride):
    channels, height, width = x.shape
    k = weight.shape[-1]
    if 0 in (height, width):
        return x.new_zeros(weight.shape[1], 0, 0)
    spread = x.new_zeros(channels, (height - 1) * stride + 1, (width - 1) * stride + 1)
    spread[:, ::stride, ::stride] = x
    kernel = weight.flip(2, 3).transpose(0, 1)
    return F.conv2d(spread.unsqueeze(0), kernel, padding=k - 1).squeeze(0)


# MaskHead


@right
class MaskHead__functional(nn.Module):
    def __init__(self, in_channels, hidden, num_classes):
        super().__init__()
        self.mask_fcn1 = nn.Conv2d(in_channels, hidden, 3, padding=1)
        self.mask_fcn2 = nn.Conv2d(hidden, hidden, 3, padding=1)
        self.mask_fcn3 = nn.Conv2d(hidden, hidden, 3, padding=1)
        self.mask_fcn4 = nn.Conv2d(hidden, hidden, 3, padding=1)
        self.conv5_mask = nn.ConvTranspose2d(hidden, hidden, 2, 2)
        self.mask_fcn_logits = nn.Conv2d(hidden, num_classes, 1)

    def forward(self, x):
        x = F.relu(self.mask_fcn1(x))
        x = F.relu(self.mask_fcn2(x))
        x = F.relu(self.mask_fcn3(x))
        x = F.relu(self.mask_fcn4(x))
        x = F.relu(self.conv5_mask(x))
        return self.mask_fcn_logits(x)


@right
class MaskHead__sequential(nn.Sequential):
    def __init__(self, in_channels: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        for k in range(1, 5):
            self.add_module(f"mask_fcn{k}", nn.Conv2d(in_channels if k == 1 else hidden, hidden, 3, 1, 1))
            self.add_module(f"relu{k}", nn.ReLU(inplace=True))
        self.add_module("conv5_mask", nn.ConvTranspose2d(hidden, hidden, 2, 2, 0))
        self.add_module("relu5", nn.ReLU(inplace=True))
        self.add_module("mask_fcn_logits", nn.Conv2d(hidden, num_classes, 1))


@right
class MaskHead__einsum(nn.Module):
    def __init__(self, in_channels, hidden, num_classes):
        super().__init__()
        widths = [in_channels, hidden, hidden, hidden, hidden]
        for k in range(4):
            setattr(self, f"mask_fcn{k + 1}", nn.Conv2d(widths[k], widths[k + 1], 3, padding="same"))
        self.conv5_mask = nn.ConvTranspose2d(hidden, hidden, 2, 2)
        self.mask_fcn_logits = nn.Conv2d(hidden, num_classes, 1)

    def forward(self, features):
        x = features
        for k in range(1, 5):
            x = getattr(self, f"mask_fcn{k}")(x).clamp(min=0)
        R, C, H, W = x.shape
        # kernel 2 and stride 2: copies never overlap, each cell becomes 2 x 2 of its own
        cells = torch.einsum("rchw,coij->rohiwj", x, self.conv5_mask.weight)
        x = cells.reshape(R, C, 2 * H, 2 * W) + self.conv5_mask.bias[:, None, None]
        x = torch.where(x > 0, x, torch.zeros_like(x))
        logits = torch.einsum("rchw,kc->rkhw", x, self.mask_fcn_logits.weight[:, :, 0, 0])
        return logits + self.mask_fcn_logits.bias[:, None, None]


# mask_targets


@right
def mask_targets__one_by_one(masks: Tensor, rois: Tensor, matched: Tensor, size: int = 28) -> Tensor:
    from course.library import roi_align

    targets = [rois.new_zeros(0, size, size)]
    for roi, which in zip(rois, matched.tolist()):
        mask = masks[which].to(dtype=rois.dtype, device=rois.device)
        first = torch.zeros_like(roi[:1])
        targets.append(roi_align(mask[None, None], torch.cat([first, roi])[None], (size, size), 1.0)[0])
    return torch.cat(targets)


@right
def mask_targets__by_hand(masks, rois, matched, size=28):
    from course.library import bilinear_sample

    step = (torch.arange(2 * size, dtype=rois.dtype, device=rois.device) + 0.5) / (2 * size)
    targets = torch.zeros(len(rois), size, size, dtype=rois.dtype, device=rois.device)
    for r in range(len(rois)):
        x1, y1, x2, y2 = rois[r]
        y, x = torch.meshgrid(y1 + (y2 - y1) * step - 0.5, x1 + (x2 - x1) * step - 0.5, indexing="ij")
        values = bilinear_sample(masks[matched[r]][None].to(rois), y.flatten(), x.flatten())
        targets[r] = F.avg_pool2d(values.reshape(1, 2 * size, 2 * size), 2)[0]
    return targets


@right
def mask_targets__torchvision(masks, rois, matched, size=28):
    from torchvision.ops import roi_align

    rois = torch.hstack((matched.to(rois.dtype).unsqueeze(1), rois))
    features = masks.to(rois.dtype).unsqueeze(1)
    return roi_align(features, rois, size, sampling_ratio=2, aligned=True).squeeze(1)


# mask_loss


@right
def mask_loss__softplus(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    if len(labels) == 0:
        return logits.sum()
    z = logits[range(len(labels)), labels]
    return (F.softplus(z) - z * targets).mean()


@right
def mask_loss__gather(logits, labels, targets):
    R, K, m, n = logits.shape
    index = labels.reshape(R, 1, 1, 1).expand(R, 1, m, n)
    own = logits.gather(1, index).squeeze(1)
    yes, no = F.logsigmoid(own), F.logsigmoid(-own)
    return -(targets * yes + (1 - targets) * no).sum() / max(R * m * n, 1)


@right
def mask_loss__one_by_one(logits, labels, targets):
    total = (logits * 0).sum()
    for r in range(len(labels)):
        total = total + F.binary_cross_entropy_with_logits(logits[r, labels[r]], targets[r])
    return total / max(len(labels), 1)


# paste_mask


@right
def paste_mask__every_pixel(mask: Tensor, box: Tensor, size: tuple[int, int]) -> Tensor:
    from course.library import bilinear_sample

    y, x = torch.meshgrid(
        torch.arange(size[0], dtype=mask.dtype, device=mask.device) + 0.5,
        torch.arange(size[1], dtype=mask.dtype, device=mask.device) + 0.5,
        indexing="ij",
    )
    x1, y1, x2, y2 = box
    h, w = mask.shape
    v = (y - y1) / (y2 - y1) * h - 0.5
    u = (x - x1) / (x2 - x1) * w - 0.5
    value = bilinear_sample(mask[None], v.flatten(), u.flatten()).reshape(size)
    return (value >= 0.5) & (x > x1) & (x < x2) & (y > y1) & (y < y2)


@right
def paste_mask__grid_sample(mask, box, size):
    x1, y1, x2, y2 = [float(v) for v in box]
    out = torch.zeros(size[0], size[1], dtype=torch.bool, device=mask.device)
    if x2 <= x1 or y2 <= y1 or out.numel() == 0:
        return out
    y = torch.linspace(0.5, size[0] - 0.5, size[0], dtype=mask.dtype, device=mask.device)
    x = torch.linspace(0.5, size[1] - 0.5, size[1], dtype=mask.dtype, device=mask.device)
    gy, gx = 2 * (y - y1) / (y2 - y1) - 1, 2 * (x - x1) / (x2 - x1) - 1
    grid = torch.stack([gx[None].expand(size), gy[:, None].expand(size)], dim=-1)
    value = F.grid_sample(mask[None, None], grid[None], padding_mode="border", align_corners=False)[0, 0]
    inside = (gx.abs() <= 1)[None] & (gy.abs() <= 1)[:, None]
    return inside & (value >= 0.5)


@right
def paste_mask__loop(mask, box, size):
    import math

    x1, y1, x2, y2 = box.tolist()
    rows = mask.tolist()
    h, w = mask.shape

    def cells(middle, begin, end, count):
        place = min(max((middle - begin) / (end - begin) * count - 0.5, 0.0), count - 1.0)
        first = math.floor(place)
        return first, min(first + 1, count - 1), place - first

    pixels = [[False] * size[1] for _ in range(size[0])]
    for i in range(size[0]):
        if not y1 <= i + 0.5 < y2:
            continue
        top, bottom, b = cells(i + 0.5, y1, y2, h)
        for j in range(size[1]):
            if x1 <= j + 0.5 < x2:
                left, right, a = cells(j + 0.5, x1, x2, w)
                upper = rows[top][left] * (1 - a) + rows[top][right] * a
                lower = rows[bottom][left] * (1 - a) + rows[bottom][right] * a
                pixels[i][j] = upper * (1 - b) + lower * b >= 0.5
    return torch.tensor(pixels, dtype=torch.bool, device=mask.device).reshape(size)


@right
def paste_mask__two_steps(mask, box, size):
    x1, y1, x2, y2 = box.tolist()
    out = torch.zeros(size, dtype=torch.bool, device=mask.device)
    y = [i for i in range(size[0]) if y1 <= i + 0.5 < y2]
    x = [j for j in range(size[1]) if x1 <= j + 0.5 < x2]
    if not y or not x:
        return out

    def mix(values, begin, end, pixels):
        count = len(values)
        at = (torch.tensor(pixels, dtype=values.dtype, device=values.device) + 0.5 - begin) / (end - begin)
        at = (at * count - 0.5).clamp(0, count - 1)
        low = at.long()
        high = (low + 1).clamp(max=count - 1)
        share = (at - low)[:, None]
        return values[low] * (1 - share) + values[high] * share

    value = mix(mix(mask, y1, y2, y).T, x1, x2, x).T
    out[y[0] : y[-1] + 1, x[0] : x[-1] + 1] = value >= 0.5
    return out
