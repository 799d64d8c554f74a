"""The structures of the phantom: number, mean density and label of each."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from .. import labels


class Structure(IntEnum):
    """What a voxel's centre lies in. "Right" and "left" are the patient's."""

    AIR_OUTSIDE = 0
    PADDING = 1
    TABLE = 2
    TABLE_FOAM = 3
    CLOTHES = 4
    ARM = 5
    FAT = 6
    MUSCLE = 7
    BONE = 8
    MARROW = 9
    CARTILAGE = 10
    SPINAL_CANAL = 11
    MEDIASTINUM = 12
    HEART = 13
    GREAT_VESSEL = 14
    OESOPHAGUS = 15
    OESOPHAGUS_AIR = 16
    LIVER = 17
    SPLEEN = 18
    STOMACH = 19
    STOMACH_GAS = 20
    EFFUSION = 21
    PNEUMONECTOMY = 22
    AIRWAY_WALL = 23
    AIRWAY_LUMEN = 24
    RIGHT_LUNG = 30
    VESSEL_RIGHT = 31
    SMALL_AIRWAY_RIGHT = 32
    SMALL_AIRWAY_WALL_RIGHT = 33
    NODULE_RIGHT = 34
    CONSOLIDATION_RIGHT = 35
    LEFT_LUNG = 40
    VESSEL_LEFT = 41
    SMALL_AIRWAY_LEFT = 42
    SMALL_AIRWAY_WALL_LEFT = 43
    NODULE_LEFT = 44
    CONSOLIDATION_LEFT = 45


SIDES = {"right": Structure.RIGHT_LUNG, "left": Structure.LEFT_LUNG}
"""Parenchyma of each side; the side's other structures follow it by the offsets below."""
VESSEL, SMALL_AIRWAY, SMALL_AIRWAY_WALL, NODULE, CONSOLIDATION = 1, 2, 3, 4, 5

PARENCHYMA_HU, SOFT_IN_LUNG_HU = -860, 40

_SHARED_HU = {
    Structure.AIR_OUTSIDE: -1000,
    Structure.TABLE: -150,
    Structure.TABLE_FOAM: -950,
    Structure.CLOTHES: -600,
    Structure.ARM: 45,
    Structure.FAT: -100,
    Structure.MUSCLE: 50,
    Structure.BONE: 600,
    Structure.MARROW: 220,
    Structure.CARTILAGE: 100,
    Structure.SPINAL_CANAL: 25,
    Structure.MEDIASTINUM: -80,
    Structure.HEART: 40,
    Structure.GREAT_VESSEL: 40,
    Structure.OESOPHAGUS: 40,
    Structure.OESOPHAGUS_AIR: -950,
    Structure.LIVER: 58,
    Structure.SPLEEN: 48,
    Structure.STOMACH: 20,
    Structure.STOMACH_GAS: -1000,
    Structure.EFFUSION: 10,
    Structure.PNEUMONECTOMY: 35,
    Structure.AIRWAY_WALL: 30,
    Structure.AIRWAY_LUMEN: -1000,
}
_LUNG_HU = {
    0: PARENCHYMA_HU,
    VESSEL: SOFT_IN_LUNG_HU,
    SMALL_AIRWAY: -980,
    SMALL_AIRWAY_WALL: SOFT_IN_LUNG_HU,
    NODULE: 30,
    CONSOLIDATION: 30,
}
_BLOOD = (Structure.HEART, Structure.GREAT_VESSEL, Structure.VESSEL_RIGHT, Structure.VESSEL_LEFT)


def members(*structures: int) -> np.ndarray:
    """Make a look-up table (bool, 256) that is true for the given structures."""
    table = np.zeros(256, bool)
    table[list(structures)] = True
    return table


def lung_members(side: str) -> np.ndarray:
    """Make a look-up table (bool, 256) of all that counts as lung on one side."""
    return members(*range(SIDES[side], SIDES[side] + CONSOLIDATION + 1))


def label_table() -> np.ndarray:
    """Make the look-up table (uint8, 256) from structure to label: see :mod:`LungSegmentationLib.labels`."""
    table = np.zeros(256, np.uint8)
    table[lung_members("right")] = labels.RIGHT_LUNG
    table[lung_members("left")] = labels.LEFT_LUNG
    table[Structure.AIRWAY_LUMEN] = labels.AIRWAYS
    return table


def density_table(contrast_hu: float) -> np.ndarray:
    """Make the look-up table (float32, 256) from structure to mean density in HU."""
    table = np.full(256, -1000, np.float32)
    for structure, hu in _SHARED_HU.items():
        table[structure] = hu
    for first in SIDES.values():
        for offset, hu in _LUNG_HU.items():
            table[first + offset] = hu
    table[list(_BLOOD)] += contrast_hu
    return table
