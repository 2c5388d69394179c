"""Lab 6: keypoints."""
