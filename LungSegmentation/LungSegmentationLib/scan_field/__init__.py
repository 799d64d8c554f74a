"""What the scanner measured of an image, and what only fills it."""
