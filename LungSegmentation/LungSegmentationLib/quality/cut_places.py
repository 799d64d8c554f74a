"""Where a lung is cut: the part of a face of the image, or of the edge of its round field of view, that lies in lung."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..anatomy.limits import SMALLEST_CUT_MM2
from ..labels import LEFT_LUNG, RIGHT_LUNG
from .flag import Place
from .geometry import GAPS, ROUND_EDGE, ends_of_faces, lung_beside_fill, slices_beside_gaps
from .grid import QualityGrid
from .pieces import box_in_scan

_FACES = {
    "the bottom": (0, 0), "the top": (0, 1), "the front": (1, 0), "the back": (1, 1), "the right edge": (2, 0), "the left edge": (2, 1),
}  # fmt: skip
_SIDES = ((RIGHT_LUNG, "right"), (LEFT_LUNG, "left"))


def cut_places(grid: QualityGrid, names: Iterable[str]) -> tuple[Place, ...]:
    """Say where the lungs are cut.

    Parameters
    ----------
    grid : QualityGrid
    names : iterable of str
        Of the faces, as :func:`.geometry.cut_faces_mm2` gives them.

    Returns
    -------
    tuple of Place
        One for each lung that a face cuts over 300 mm² or more, or else for the lung of which it cuts most; the largest first. Of the
        edge of a round field of view the slice in which it cuts most.
    """
    found: list[tuple[float, Place]] = []
    for name in names:
        of_name = [_place(grid, name, label, side) for label, side in _SIDES]
        known = [place for place in of_name if place is not None]
        large = [place for place in known if place[0] >= SMALLEST_CUT_MM2]
        found += large or sorted(known, key=lambda place: -place[0])[:1]
    return tuple(place for _, place in sorted(found, key=lambda place: -place[0]))


def _place(grid: QualityGrid, name: str, label: int, side: str) -> tuple[float, Place] | None:
    """Give the area in mm² that lies in a lung's cut, and the place; None where the face does not cut that lung."""
    counted = [(int(np.count_nonzero(plane)), axis, index, plane) for axis, index, plane in _planes(grid, name, label)]
    pixels = sum(count for count, *_ in counted)
    if not pixels:
        return None
    _, axis, index, plane = max(counted, key=lambda found: found[0])
    others = [other for other in range(3) if other != axis]
    spans = [(index, index + 1)] * 3
    for other, places in zip(others, np.nonzero(plane), strict=True):
        spans[other] = (int(places.min()), int(places.max()) + 1)
    middle = index if axis == 0 else int(np.median(np.nonzero(plane)[0]))
    box, slice_index = box_in_scan((spans[0], spans[1], spans[2]), middle, grid)
    area_mm2 = pixels * float(np.prod([grid.spacing_zyx_mm[other] for other in others]))
    return area_mm2, Place(f"{side} lung cut at {name}", slice_index, side, None, box)


def _planes(grid: QualityGrid, name: str, label: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Give axis, index and lung (bool) of the planes in which a face may cut a lung."""
    if name in _FACES:
        axis, end = _FACES[name]
        index = ends_of_faces(grid)[axis][end]
        yield axis, index % grid.labels.shape[axis], np.take(grid.labels, index, axis=axis) == label
    elif name == GAPS:
        for index in slices_beside_gaps(grid.measured.empty_slices):
            yield 0, int(index), grid.labels[index] == label
    elif name == ROUND_EDGE:
        for index, beside in lung_beside_fill(grid, label):
            yield 0, index, beside
