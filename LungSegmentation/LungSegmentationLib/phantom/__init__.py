"""Synthetic chest CT with exact truth."""

from .generator import Phantom, make_phantom, vessel_radii_mm
from .parameters import ORIENTATIONS, PhantomParameters
from .structures import Structure

__all__ = ["ORIENTATIONS", "Phantom", "PhantomParameters", "Structure", "make_phantom", "vessel_radii_mm"]
