"""Vessels inside the lungs: where they are, and how wide."""
