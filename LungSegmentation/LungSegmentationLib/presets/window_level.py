"""Windows to look at a chest CT through: level and width in HU, read from ``window_level.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import InputError

_FILE = Path(__file__).with_name("window_level.json")
_TOLERANCE_HU = 0.5


@dataclass(frozen=True)
class WindowLevelPreset:
    """One window.

    Parameters
    ----------
    key, title : str
        For programs and for a picker.
    level_hu, width_hu : float or None
        Middle and width of the window; None where they follow the image's own values.

    Notes
    -----
    Grey runs from level - width / 2 to level + width / 2 (the linear function of DICOM PS3.3, C.11.2.1.3.2).
    """

    key: str
    title: str
    level_hu: float | None
    width_hu: float | None

    def limits_hu(self, lowest_hu: float, highest_hu: float) -> tuple[float, float]:
        """Give where black and white begin.

        Parameters
        ----------
        lowest_hu, highest_hu : float
            Lowest and highest value of the image, for the preset that follows it.

        Returns
        -------
        tuple of float
            Lower and upper limit in HU, at least 1 HU apart.
        """
        if self.level_hu is None or self.width_hu is None:
            return float(lowest_hu), float(max(highest_hu, lowest_hu + 1))
        return self.level_hu - self.width_hu / 2, self.level_hu + self.width_hu / 2


@cache
def window_level_presets() -> tuple[WindowLevelPreset, ...]:
    """List the presets in the order of a picker, the default first."""
    entries = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(WindowLevelPreset(**entry) for entry in entries)


def find_preset(key: str | None = None) -> WindowLevelPreset:
    """Give a preset by its key; the first one for None.

    Raises
    ------
    InputError
        If there is none with this key.
    """
    presets = window_level_presets()
    if key is None:
        return presets[0]
    for preset in presets:
        if preset.key == key:
            return preset
    raise InputError(f"there is no window preset {key!r}; choose one of: {', '.join(preset.key for preset in presets)}")


def preset_with_limits(lower_hu: float, upper_hu: float, lowest_hu: float, highest_hu: float) -> WindowLevelPreset | None:
    """Recognise a window that is set.

    Parameters
    ----------
    lower_hu, upper_hu : float
        Where black and white begin.
    lowest_hu, highest_hu : float
        Lowest and highest value of the image.

    Returns
    -------
    WindowLevelPreset or None
        None where both limits are not within 0.5 HU of those of any preset.
    """
    for preset in window_level_presets():
        lower, upper = preset.limits_hu(lowest_hu, highest_hu)
        if abs(lower_hu - lower) <= _TOLERANCE_HU and abs(upper_hu - upper) <= _TOLERANCE_HU:
            return preset
    return None
