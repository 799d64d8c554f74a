"""Lungs as the connected components of air inside the body."""

from __future__ import annotations

from dataclasses import dataclass

from ..anatomy.limits import WORKING_VOXEL_MM
from ..method import Method, parameter
from ..progress import Progress, part_of
from ..segmentation import LungMask
from ..volume import CtVolume
from .lungs import LungParameters, examine_for, lung_air, lungs_from_air


@dataclass(frozen=True)
class ConnectedComponentsParameters(LungParameters):
    """Parameters of the method."""

    working_voxel_mm: float = parameter(
        WORKING_VOXEL_MM, "Working voxel", "mm", 0.5, 4.0, "voxel size of the grid on which the lungs' topology is decided"
    )


def segment(volume: CtVolume, parameters: ConnectedComponentsParameters, progress: Progress) -> LungMask:
    """Segment the lungs by 3D connected components.

    Unlike the published steps, outside air is found from all sides and slice by slice, both lungs are
    kept, the airways are taken out, and gas in stomach and bowel is told from lung by its density.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    parameters : ConnectedComponentsParameters
    progress : callable

    Returns
    -------
    LungMask
    """
    chest = examine_for(volume, parameters, parameters.working_voxel_mm, part_of(progress, 0.0, 0.6))
    progress(0.6, "Choosing the lungs")
    air = lung_air(chest, chest.air & ~chest.airway_blocks, parameters)
    return lungs_from_air(volume, chest, air, parameters, part_of(progress, 0.7, 1.0))


METHOD = Method(
    key="connected-components",
    title="3D connected components",
    summary="Air inside the body is split into connected regions; the lungs are chosen among them. Fast, and good on most scans.",
    parameters=ConnectedComponentsParameters,
    segment=segment,
    reference="A. Kharwal, Lung Segmentation with Machine Learning (2020): threshold, outside air, largest air pocket, filled per slice",
)
