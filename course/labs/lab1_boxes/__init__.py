"""Lab 1, boxes: coordinates, area, IoU, clipping."""
