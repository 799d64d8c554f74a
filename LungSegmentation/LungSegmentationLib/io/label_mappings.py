"""Label numbers of other tools, by name: what their label maps mean, and ours written with their numbers.

Sources of the numbers: lungmask, "Labels" in https://github.com/JoHof/lungmask/blob/master/README.md; TotalSegmentator, ``class_map`` of
the tasks ``total`` (version 2) and ``total_mr`` in
https://github.com/wasserth/TotalSegmentator/blob/master/totalsegmentator/map_to_binary.py; Pulmonary Toolkit,
https://github.com/tomdoel/pulmonarytoolkit/blob/master/Library/Types/PTKColormapLabels.m. The owners of LUNA16
(https://luna16.grand-challenge.org/Data/) deliver masks of the lungs (``seg-lungs-LUNA16``), to our knowledge without a list of their
numbers; these are as ``loader.py`` of https://github.com/zhaoziheng/SAT-DS reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from ..labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG

_RIGHT, _LEFT, _AIRWAYS = (region.key for region in REGIONS)
_BACKGROUND = "background"


class ToolNumbers(dict[int, str]):
    """What the numbers in a tool's label maps mean: a region key, or ``background``, of each."""


@dataclass(frozen=True)
class LabelMapping:
    """The numbers of one tool.

    Parameters
    ----------
    name : str
        As a user gives it.
    tool : str
        The tool, and which of its label maps it is.
    meanings : ToolNumbers
        Region key of each number, or ``background`` for what is neither lung nor airways.
    written : mapping of int to int
        The tool's number of each label of :mod:`LungSegmentationLib.labels`; empty where our labels have no number there.
    lost : str
        What our label map holds and the tool's does not, in one line; empty for nothing.
    """

    name: str
    tool: str
    meanings: ToolNumbers
    written: Mapping[int, int] = field(default_factory=dict)
    lost: str = ""

    @property
    def file_name(self) -> str:
        """Name of the label map in this numbering, beside ``labels.nii.gz``."""
        return f"labels_{self.name}.nii.gz"

    def note(self, labels: np.ndarray) -> tuple[str, ...]:
        """Say in one line what of a label map is lost in this numbering; nothing where nothing is."""
        return (f"{self.file_name}: {self.lost}",) if self.lost and AIRWAYS not in self.written and np.any(labels == AIRWAYS) else ()


def _total(numbers: Mapping[int, str], classes: int) -> ToolNumbers:
    return ToolNumbers({number: numbers.get(number, _BACKGROUND) for number in range(1, classes + 1)})


_LOBES = "its numbers are those of lobes, which are not found here"
_NO_AIRWAYS = "it has no number for the airways, which are background there"
_WHOLE_LUNGS = {RIGHT_LUNG: 1, LEFT_LUNG: 2}

LABEL_MAPPINGS: Mapping[str, LabelMapping] = {
    mapping.name: mapping
    for mapping in (
        LabelMapping("lungmask", "lungmask, models R231 and R231CovidWeb", ToolNumbers({1: _RIGHT, 2: _LEFT}), _WHOLE_LUNGS, _NO_AIRWAYS),
        LabelMapping(
            "lungmask-lobes",
            "lungmask, models LTRCLobes and LTRCLobes_R231",
            ToolNumbers({1: _LEFT, 2: _LEFT, 3: _RIGHT, 4: _RIGHT, 5: _RIGHT}),
            lost=_LOBES,
        ),
        LabelMapping(
            "totalsegmentator",
            "TotalSegmentator 2, task total",
            _total({10: _LEFT, 11: _LEFT, 12: _RIGHT, 13: _RIGHT, 14: _RIGHT, 16: _AIRWAYS}, classes=117),
            lost=_LOBES,
        ),
        LabelMapping(
            "totalsegmentator-mr",
            "TotalSegmentator 2, task total_mr, the one with whole lungs",
            _total({10: _LEFT, 11: _RIGHT}, classes=50),
            {LEFT_LUNG: 10, RIGHT_LUNG: 11},
            _NO_AIRWAYS,
        ),
        LabelMapping(
            "luna16",
            "LUNA16, lung masks of the challenge",
            ToolNumbers({3: _LEFT, 4: _RIGHT, 5: _AIRWAYS}),
            {LEFT_LUNG: 3, RIGHT_LUNG: 4, AIRWAYS: 5},
        ),
        LabelMapping("ptk", "Pulmonary Toolkit, left and right lungs", ToolNumbers({1: _RIGHT, 2: _LEFT}), _WHOLE_LUNGS, _NO_AIRWAYS),
        LabelMapping(
            "ptk-lobes", "Pulmonary Toolkit, lobes", ToolNumbers({1: _RIGHT, 2: _RIGHT, 4: _RIGHT, 5: _LEFT, 6: _LEFT}), lost=_LOBES
        ),
    )
}
"""Every numbering that is known, by its name."""

WRITTEN_NAMES = tuple(name for name, mapping in LABEL_MAPPINGS.items() if mapping.written)
"""Names of those that our labels can be written in."""


def find_mapping(name: str) -> LabelMapping:
    """Find a numbering by its name, in capitals or not.

    Parameters
    ----------
    name : str

    Returns
    -------
    LabelMapping

    Raises
    ------
    InputError
        When there is none of that name.
    """
    mapping = LABEL_MAPPINGS.get(name.strip().lower())
    if mapping is None:
        raise InputError(f"the label mapping {name[:60]!r} is unknown; choose from: {', '.join(LABEL_MAPPINGS)}")
    return mapping


def find_written_mapping(name: str) -> LabelMapping:
    """Find a numbering that our labels can be written in; see :func:`find_mapping`.

    Raises
    ------
    InputError
        When there is none of that name, or it has no number for a whole lung.
    """
    mapping = find_mapping(name)
    if not mapping.written:
        raise InputError(
            f"labels cannot be written in the label mapping {mapping.name} ({mapping.tool}): {mapping.lost}; "
            f"choose from: {', '.join(WRITTEN_NAMES)}"
        )
    return mapping


def renumbered(labels: np.ndarray, mapping: LabelMapping) -> np.ndarray:
    """Give a label map in the numbering of another tool.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8: 0 background, 1 right lung, 2 left lung, 3 airways.
    mapping : LabelMapping
        One with numbers to write; see :func:`find_written_mapping`.

    Returns
    -------
    numpy.ndarray
        uint8, the same shape; 0 for what has no number there.
    """
    table = np.zeros(1 + AIRWAYS, np.uint8)
    for label, number in mapping.written.items():
        table[label] = number
    numbers: np.ndarray = table[labels]
    return numbers
