"""Lab 3, the region proposal network: head, loss, NMS, proposals: hidden cases and answers."""
