"""Checks of a result: whether it is right, whether the scan holds the lungs, and what to note about the scan."""
