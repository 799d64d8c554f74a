"""Files of scans, labels and probabilities, each checked before it is read."""
