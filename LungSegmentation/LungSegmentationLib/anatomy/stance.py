"""Where the patient's head, back and left lie in an image, against where its header says; and the image turned to fit.

Bone and symmetry tell the axes and the back (:mod:`.patient_axes`), the trachea tells the head (:mod:`.head_and_feet`). Right and left
follow then from turning the image. A mirrored image of a patient cannot be told from a patient with mirrored organs, so a header that
fits in everything else is believed; only where it is wrong already, a heart that plainly lies on the other side decides
(:mod:`.heart_side`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..volume import AxisOrder, CtVolume, with_measured
from . import limits
from .chest import inner_air
from .head_and_feet import head_is_last
from .heart_side import heart_on_left
from .patient_axes import CoarseChest, coarse_chest
from .trachea import find_trachea
from .working_grid import WorkingGrid, make_working_grid

AS_THE_HEADER_SAYS = AxisOrder((0, 1, 2), (False, False, False))
_ENDS = (("feet", "head"), ("front", "back"), ("right", "left"))
_SLICES_REVERSED = AxisOrder((0, 1, 2), (True, False, False))


@dataclass(frozen=True)
class Stance:
    """How the patient lies in an image.

    Parameters
    ----------
    order : AxisOrder
        Brings an array that is canonical by its header to the patient's own axes; that of the header where nothing is certain.
    finding : str
        What does not fit between header and anatomy, in words; empty where all fits or nothing can be told.
    consequence : str
        What was done about it when the image was segmented.
    """

    order: AxisOrder = AS_THE_HEADER_SAYS
    finding: str = ""
    consequence: str = ""

    @property
    def warning(self) -> str:
        """Finding and consequence; empty where there is none."""
        return f"{self.finding}. {self.consequence}" if self.finding else ""

    @property
    def is_turned(self) -> bool:
        """Whether the patient's axes are others than the header's."""
        return self.order != AS_THE_HEADER_SAYS


def examine_stance(volume: CtVolume, head_down: bool | None = None) -> Stance:
    """Compare a volume's header with what its anatomy shows.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation by its header.
    head_down : bool, optional
        Whether the head lies at the start of the axis that the spine runs along, where something else has shown it. For None the trachea
        is asked, but only where the header is wrong in something else.

    Returns
    -------
    Stance
        :data:`AS_THE_HEADER_SAYS` with an empty finding where the header fits.
    """
    chest = coarse_chest(volume)
    # Without the body's outline its two sides cannot be told.
    order, doubt = (AS_THE_HEADER_SAYS, "") if chest.fills_view else _axes_and_back(chest)
    if doubt and not head_down:
        return _doubtful(doubt)
    if order == AS_THE_HEADER_SAYS and not head_down:
        return Stance()
    order = _unmirrored(order)
    inside = _inner_air(turned(volume, order))
    if head_down is None:
        head_down = inside.head_is_first()
    if head_down is None and order.axes[0] != 0:
        doubt = f"the spine runs from what it calls {_ENDS[order.axes[0]][0]} to {_ENDS[order.axes[0]][1]}"
        return _doubtful(doubt)
    examined = order
    if head_down:
        order = replace(order, flipped=(True, *order.flipped[1:]))
        # Where all else fits, the usual reason is that the slices are in the wrong order: a mirrored image, whose right and left are right.
        order = order if order == _SLICES_REVERSED else _unmirrored(order)
    flips = tuple(axis for axis in range(3) if order.flipped[axis] != examined.flipped[axis])
    chest = coarse_chest(turned(volume, order))
    on_left = heart_on_left(np.flip(inside.air, flips), inside.grid.spacing_zyx_mm, *chest.spine_mm(1, 0, 2), chest.middle_mm(2))
    if on_left is False:
        order = replace(order, flipped=(*order.flipped[:2], not order.flipped[2]))
    return Stance(order, _contradiction(order), f"The image was turned to segment it; {_sides(order, on_left)}")


def turned(volume: CtVolume, order: AxisOrder) -> CtVolume:
    """Bring a canonical volume to the patient's own axes; its place in space is given up."""
    z, y, x = (volume.spacing_zyx_mm[axis] for axis in order.axes)
    upright = replace(volume, voxels_hu=order.apply(volume.voxels_hu), spacing_zyx_mm=(z, y, x), direction_lps=np.eye(3))
    # Along other axes the measured field is no longer runs of columns: it is looked for again in the axial slices as they truly lie.
    return with_measured(upright, volume.measured.flipped(order.flipped)) if order.axes == AS_THE_HEADER_SAYS.axes else upright


def _axes_and_back(chest: CoarseChest) -> tuple[AxisOrder, str]:
    """Find the spine's axis, the axis from side to side, and at which end of the third one the back lies; or what is doubtful."""
    columns = [chest.column(axis) for axis in range(3)]
    spine = int(np.argmax(columns))
    if columns[spine] < limits.LEAST_COLUMN_SHARE or columns[0] > limits.OTHER_COLUMN_RATIO * columns[spine]:
        spine = 0
    if columns[spine] < limits.LEAST_COLUMN_SHARE or chest.length_mm(spine) < limits.SHORTEST_SPINE_MM:
        return AS_THE_HEADER_SAYS, ""
    others = [axis for axis in range(3) if axis != spine]
    side = max(others, key=lambda axis: chest.symmetry(axis)[0])
    back = others[1 - others.index(side)]
    symmetry = chest.symmetry(side)[0]
    is_symmetric = symmetry >= limits.LEAST_SYMMETRY_SCORE and symmetry - chest.symmetry(back)[0] >= limits.MORE_SYMMETRY_SCORE
    along = f"the spine runs from what it calls {_ENDS[spine][0]} to {_ENDS[spine][1]}"
    if not is_symmetric:
        return AS_THE_HEADER_SAYS, along if spine else ""
    at_end = _back_at_end(chest, back, spine, side)
    if at_end is None:
        across = f"the two sides mirror each other from what it calls {_ENDS[side][0]} to {_ENDS[side][1]}"
        return AS_THE_HEADER_SAYS, along if spine else across if side != 2 else ""
    return AxisOrder((spine, back, side), (False, not at_end, False)), ""


def _back_at_end(chest: CoarseChest, back: int, spine: int, side: int) -> bool | None:
    """Say whether the back lies at the end of its axis rather than at its start; None where that cannot be told."""
    offset_mm, rival = chest.spine_and_rival(back, spine, side)
    if abs(offset_mm) < limits.SPINE_OFFSET_MM or rival > limits.LARGEST_RIVAL_RATIO:
        return None
    if rival > limits.CLEAR_RIVAL_RATIO:
        bend_mm = chest.bend_mm(back, spine)
        if not limits.BEND_MM[0] <= abs(bend_mm) <= limits.BEND_MM[1] or (bend_mm > 0) != (offset_mm > 0):
            return None
    return offset_mm > 0


def _unmirrored(order: AxisOrder) -> AxisOrder:
    """Choose right and left so that the order is a turn: an even number of exchanges and flips."""
    swaps = sum(order.axes[i] > order.axes[j] for i in range(3) for j in range(i + 1, 3))
    mirrored = (swaps + sum(order.flipped[:2])) % 2 == 1
    return replace(order, flipped=(*order.flipped[:2], mirrored))


@dataclass(frozen=True)
class _InnerAir:
    """Air inside the body, and the body's core, on a working grid."""

    grid: WorkingGrid
    air: np.ndarray
    core: np.ndarray

    def head_is_first(self) -> bool | None:
        """Ask the trachea whether the head lies at the first slice; None where it says nothing."""
        spacing_mm = self.grid.spacing_zyx_mm
        trachea = find_trachea(self.grid.mean_hu, self.air, self.core, spacing_mm)
        is_last = head_is_last(self.grid.mean_hu, self.air, self.core, trachea, spacing_mm)
        return None if is_last is None else not is_last


def _inner_air(volume: CtVolume) -> _InnerAir:
    grid = make_working_grid(volume.voxels_hu, volume.spacing_zyx_mm, limits.STANCE_CELL_MM, volume.measured)
    return _InnerAir(grid, *inner_air(grid, limits.LUNG_BELOW_HU, body_only=True))


def _doubtful(doubt: str) -> Stance:
    consequence = (
        "How the patient lies could not be told for certain, so the image was taken as its header says: right and left may be wrong; "
        "look at the image and correct its header"
    )
    return Stance(finding=f"the header may not fit the anatomy: {doubt}", consequence=consequence)


def _contradiction(order: AxisOrder) -> str:
    head, back = (_ENDS[order.axes[axis]][0 if order.flipped[axis] else 1] for axis in (0, 1))
    said = []
    if order.axes != AS_THE_HEADER_SAYS.axes:
        said.append(f"the axes are exchanged: the patient's head lies where the header says {head}, and the back where it says {back}")
    elif order.flipped[1]:
        said.append("front and back are exchanged: the spine lies where the header says front")
    if order.axes[0] == 0 and order.flipped[0]:
        said.append("head and feet look exchanged: the windpipe enters the lungs from the end that the header calls the feet")
    return f"the header does not fit the anatomy: {'; and '.join(said)}"


def _sides(order: AxisOrder, on_left: bool | None) -> str:
    by_header = order.axes == AS_THE_HEADER_SAYS.axes and not order.flipped[2]
    if on_left is None and by_header:
        return "right and left are those of the header and may be exchanged as well: compare them with the heart and the liver"
    if on_left is None:
        return "right and left were taken from the anatomy as it lies, unmirrored: compare them with the heart and the liver"
    if on_left:
        return f"right and left {'are those of the header' if by_header else 'were taken from the anatomy'}, and the heart lies on the left"
    return "right and left were taken from the heart, which would lie on the right otherwise: compare them with the liver"
