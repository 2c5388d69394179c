"""Lab 4, ROI heads: sampling, pooling and aligning, the box head: hidden cases and answers."""
