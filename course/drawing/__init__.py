"""What pictures are made of: figures with a text alternative, colours, boxes, skeletons; nothing about one lab."""
