"""The module's panel: its widgets, and what happens at a click."""
