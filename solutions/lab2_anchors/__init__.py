"""Lab 2: anchors and their training targets."""
