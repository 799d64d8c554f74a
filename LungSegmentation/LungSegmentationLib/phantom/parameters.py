"""What can be chosen about a phantom."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from ..errors import InputError
from ..volume import LARGEST_SPACING_MM, SMALLEST_SPACING_MM

THORAX_EXTENT_ZYX_MM = (300.0, 358.4, 358.4)
"""Field that holds the whole thorax of a body of scale 1: what the spacing covers when none is given."""

ORIENTATIONS = tuple("".join(letters) for axes in permutations(("LR", "PA", "SI")) for letters in product(*axes))
"""The 48 orientation codes: every order of the axes with every choice of direction."""

_RANGES = {
    "seed": (0, 2**32 - 1),
    "scale": (0.4, 2.0),
    "noise_sd_hu": (0.0, 500.0),
    "blur_mm": (0.0, 5.0),
    "padding_hu": (-32768, -1000),
    "contrast_hu": (0.0, 500.0),
    "junction_mm": (0.1, 20.0),
    "consolidation": (0.0, 1.0),
    "emphysema": (0.0, 1.0),
    "effusion": (0.0, 1.0),
}
_CHOICES = {"lungs": ("both", "right", "left"), "sick_side": ("right", "left"), "orientation": ORIENTATIONS}


@dataclass(frozen=True)
class PhantomParameters:
    """Settings of :func:`make_phantom`.

    Parameters
    ----------
    shape_zyx : tuple of int
        Slices, rows and columns in canonical (LPS) order, before ``coverage`` and ``orientation``.
    spacing_zyx_mm : tuple of float, optional
        In canonical order. By default the grid spans 300 × 358.4 × 358.4 mm, the whole thorax of an
        adult: 2.0 × 1.4 × 1.4 mm for the default shape.
    seed : int
        Decides proportions within a few per cent, vessel trees, nodules, patches and noise.
    scale : float
        Body size; 1 is an adult of about 1.75 m. A large body is cut by the field of view.
    centre_xy_mm : tuple of float
        Where the body's middle lies, from the centre of the field of view to the left and to the back.
    coverage : tuple of float
        Part of the grid's height that was scanned, from 0 (its bottom) to 1 (its top).
    orientation : str
        Directions in which the column, row and slice indices grow; ``"LPS"`` is canonical.
    noise_sd_hu, blur_mm : float
        Noise after the kernel, and standard deviation of the kernel in-plane. A blur of 0 also
        leaves out the partial volume of thin vessels: voxels then carry their own tissue only.
    padding, padding_hu : bool, int
        Whether and with which value the corners outside the circular field of view are filled.
    contrast_hu : float
        What a contrast medium adds to blood.
    junction_mm : float
        Distance between the lungs at the anterior and posterior junction lines. It is widened where
        the columns are too coarse to keep the two lungs apart.
    lungs : str
        ``"both"``, or the side that is left after a pneumonectomy.
    sick_side : str
        Side of ``consolidation`` and ``effusion``.
    consolidation, emphysema : float
        Fraction of that side's lower lobe, and of both lungs.
    effusion : float
        From 0 to 1: a posterior-basal crescent of up to about 45 mm. The fluid is not lung.
    table, arms, clothes, stomach_gas, nodules : bool
        Whether they are there.

    Raises
    ------
    InputError
        When a value is out of range.
    """

    shape_zyx: tuple[int, int, int] = (150, 256, 256)
    spacing_zyx_mm: tuple[float, float, float] | None = None
    seed: int = 0
    scale: float = 1.0
    centre_xy_mm: tuple[float, float] = (0.0, 0.0)
    coverage: tuple[float, float] = (0.0, 1.0)
    orientation: str = "LPS"
    noise_sd_hu: float = 20.0
    blur_mm: float = 0.8
    padding: bool = False
    padding_hu: int = -2000
    contrast_hu: float = 0.0
    junction_mm: float = 2.5
    lungs: str = "both"
    sick_side: str = "right"
    consolidation: float = 0.0
    emphysema: float = 0.0
    effusion: float = 0.0
    table: bool = True
    arms: bool = False
    clothes: bool = True
    stomach_gas: bool = True
    nodules: bool = True

    def __post_init__(self) -> None:
        for name, (minimum, maximum) in _RANGES.items():
            value = getattr(self, name)
            if not minimum <= value <= maximum:
                raise InputError(f"the phantom's {name} is {value!r}; expected a number from {minimum:g} to {maximum:g}")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                shown = "one of the 48 codes such as LPS, RAS or SPL" if name == "orientation" else " or ".join(choices)
                raise InputError(f"the phantom's {name} is {value!r}; expected {shown}")
        if len(self.shape_zyx) != 3 or not all(4 <= size <= 2048 and size == int(size) for size in self.shape_zyx):
            raise InputError(f"the phantom's shape_zyx is {self.shape_zyx!r}; expected three whole numbers from 4 to 2048")
        spacing = self.spacing_zyx_mm
        if spacing is not None and not (len(spacing) == 3 and all(SMALLEST_SPACING_MM <= mm <= LARGEST_SPACING_MM for mm in spacing)):
            raise InputError(f"the phantom's spacing_zyx_mm is {self.spacing_zyx_mm!r}; expected three numbers from 0.05 to 50 mm")
        if not np.all(np.isfinite(self.centre_xy_mm)) or len(self.centre_xy_mm) != 2:
            raise InputError(f"the phantom's centre_xy_mm is {self.centre_xy_mm!r}; expected two finite numbers in mm")
        bottom, top = self.coverage
        if not (0 <= bottom < top <= 1 and self.covered_slices.stop - self.covered_slices.start >= 2):
            raise InputError(
                f"the phantom's coverage is {self.coverage!r}; expected 0 <= bottom < top <= 1 with at least two slices between"
            )
        if self.lungs not in ("both", self.sick_side) and (self.consolidation or self.effusion):
            raise InputError(
                f"the phantom's sick_side is {self.sick_side!r}, but its only lung is the {self.lungs} one; expected {self.lungs!r}"
            )

    @property
    def grid_spacing_zyx_mm(self) -> tuple[float, float, float]:
        """Spacing that is used, in canonical order."""
        if self.spacing_zyx_mm is not None:
            return self.spacing_zyx_mm
        z, y, x = (extent / size for extent, size in zip(THORAX_EXTENT_ZYX_MM, self.shape_zyx, strict=True))
        return z, y, x

    @property
    def covered_slices(self) -> slice:
        """Slices of the grid that were scanned."""
        bottom, top = self.coverage
        return slice(round(bottom * self.shape_zyx[0]), round(top * self.shape_zyx[0]))
