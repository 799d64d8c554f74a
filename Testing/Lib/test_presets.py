"""Window presets against the radiologist's table of levels and widths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.presets.window_level import find_preset, preset_with_limits, window_level_presets

LIMITS_HU = {
    "lung": (-1350, 150),
    "mediastinum": (-125, 225),
    "soft_tissue": (-75, 175),
    "bone": (-500, 1300),
    "pulmonary_vessels": (-250, 450),
    "emphysema": (-1050, -750),
    "full_range": (-1024, 3071),
}


def test_presets_and_their_limits():
    assert {preset.key: preset.limits_hu(-1024, 3071) for preset in window_level_presets()} == LIMITS_HU
    assert find_preset().key == "lung"
    assert len({preset.title for preset in window_level_presets()}) == len(LIMITS_HU)


def test_an_unknown_preset_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'brain'.*lung, mediastinum"):
        find_preset("brain")


@given(lowest=st.integers(-3024, 0), span=st.integers(2000, 5000), shift=st.floats(-0.4, 0.4))
def test_every_preset_is_recognised_by_its_limits(lowest, span, shift):
    for preset in window_level_presets():
        lower, upper = preset.limits_hu(lowest, lowest + span)
        found = preset_with_limits(lower + shift, upper - shift, lowest, lowest + span)
        assert found is not None
        assert found.limits_hu(lowest, lowest + span) == (lower, upper)
        assert preset_with_limits(lower - 2, upper, lowest, lowest + span) in (None, *(set(window_level_presets()) - {preset}))


def test_a_constant_image_still_has_a_window():
    assert find_preset("full_range").limits_hu(7, 7) == (7, 8)
    assert preset_with_limits(7, 8, 7, 7) is find_preset("full_range")
    assert preset_with_limits(-1000, 0, -1024, 3071) is None
