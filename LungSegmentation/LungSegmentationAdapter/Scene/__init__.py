"""Slicer's nodes: volumes, segments, tables, charts, and where they stand."""
