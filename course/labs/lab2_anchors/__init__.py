"""Lab 2, anchors: shapes, grid, labels, sampling, box encoding."""
