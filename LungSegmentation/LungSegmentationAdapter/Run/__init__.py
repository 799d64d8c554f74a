"""What runs: segmenting, measuring, comparing and exporting, in the background or at once."""
