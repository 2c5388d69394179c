"""Lab 6, keypoints: head, heatmaps and back."""
