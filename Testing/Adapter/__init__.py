"""Tests of the Adapter, on the real MRML scene of slicer-core."""
