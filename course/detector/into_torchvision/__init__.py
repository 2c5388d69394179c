"""Put parts into torchvision's Faster, Mask or Keypoint R-CNN, weights and all, and take them out again."""
