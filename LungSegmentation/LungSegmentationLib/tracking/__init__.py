"""Regions outlined in single slices, and followed from slice to slice."""
