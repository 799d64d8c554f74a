"""Any image in, and a result that turns into what other libraries know."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import pipeline, segmentation
from ..errors import InputError
from ..io.in_memory import volume_in_memory
from ..io.label_mappings import find_written_mapping, renumbered
from ..io.scans import read_ct
from ..labels import REGIONS
from ..measures import Measures, measure
from ..progress import Progress, no_progress
from ..tables.rows import Cell
from ..volume import CtVolume

if TYPE_CHECKING:
    import pandas as pd
    import SimpleITK as sitk
    from nibabel.nifti1 import Nifti1Image


@dataclass(frozen=True, repr=False)
class Segmentation(segmentation.Segmentation):
    """A finished segmentation, on the input's own grid; what it holds is said in :class:`LungSegmentationLib.segmentation.Segmentation`."""

    def to_sitk(self, label_mapping: str | None = None) -> sitk.Image:
        """Give the labels as an image of SimpleITK: uint8, 0 background, 1 right lung, 2 left lung, 3 airways.

        Parameters
        ----------
        label_mapping : str, optional
            Name of another tool, whose numbers they get: ``lungmask``, ``totalsegmentator-mr``, ``luna16`` or ``ptk``; see
            :mod:`LungSegmentationLib.io.label_mappings`.

        Returns
        -------
        SimpleITK.Image

        Raises
        ------
        InputError
            When there is no such numbering, or it has no number for a whole lung.
        """
        from ..output.label_files import image_on

        return image_on(self._numbered(label_mapping), self.volume)

    def to_nibabel(self, label_mapping: str | None = None) -> Nifti1Image:
        """Give the labels as an image of nibabel: uint8 (i, j, k), the affine to RAS in mm; the axes of the file or array that came in.

        Parameters
        ----------
        label_mapping : str, optional
            As in :meth:`to_sitk`.

        Returns
        -------
        nibabel.nifti1.Nifti1Image

        Raises
        ------
        InputError
            Where nibabel is not installed; and as :meth:`to_sitk`.
        """
        labels = self._numbered(label_mapping)
        try:
            import nibabel
        except ImportError:
            raise InputError("an image of nibabel needs nibabel, which is not installed; install it with: pip install nibabel") from None
        affine = np.eye(4)
        affine[:3, :3] = self.volume.direction_lps * np.array(self.volume.spacing_zyx_mm[::-1])
        affine[:3, 3] = self.volume.origin_lps_mm
        return nibabel.Nifti1Image(np.ascontiguousarray(labels.transpose()), np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)

    def _numbered(self, label_mapping: str | None) -> np.ndarray:
        return self.labels if label_mapping is None else renumbered(self.labels, find_written_mapping(label_mapping))

    def save(
        self,
        folder: str | PathLike[str],
        overwrite: bool = False,
        label_mapping: str | None = None,
        table_layouts: Collection[str] = (),
    ) -> None:
        """Write all files of the command ``lungsegmentation segment`` into a folder; all of them or none.

        Parameters
        ----------
        folder : str or path
            Made where it is missing.
        overwrite : bool
            Replace the files of an earlier result.
        label_mapping : str, optional
            As in :meth:`to_sitk`: the label map is written with these numbers too, as ``labels_NAME.nii.gz``.
        table_layouts : collection of str
            ``cip`` or ``pyradiomics``: the measures are written as these tools' tables too; see :mod:`LungSegmentationLib.tables.layouts`.

        Raises
        ------
        InputError
            As :meth:`to_sitk`, or when there is no such table layout.
        OutputError
            When the folder holds a result or cannot be written.
        """
        from ..output.result_folder import save_result

        save_result(self, Path(folder), overwrite, label_mapping, table_layouts)

    def measure(self) -> dict[str, pd.DataFrame] | dict[str, list[dict[str, Cell]]]:
        """Measure and check; computed once.

        Returns
        -------
        dict
            ``volumes``, ``slices``, ``density``, ``airways``, ``vessels`` (where they were looked for) and ``quality``: tables of pandas
            where that is installed, else lists of rows. Units are in the columns' names, as in the files.
        """
        rows = {name: [dict(row) for row in table.rows] for name, table in self._measures.tables.items()}
        try:
            import pandas as pd
        except ImportError:
            return rows
        columns = {name: [column.key for column in table.columns] for name, table in self._measures.tables.items()}
        return {name: pd.DataFrame(rows[name], columns=columns[name]) for name in rows}

    @cached_property
    def _measures(self) -> Measures:
        return measure(self)

    def __repr__(self) -> str:
        sizes = " × ".join(str(size) for size in self.labels.shape)
        spacing = " × ".join(f"{mm:g}" for mm in np.round(self.volume.spacing_zyx_mm, 3))
        counts = np.bincount(self.labels.reshape(-1), minlength=1 + max(region.label for region in REGIONS))
        volumes = (f"{region.name.lower()} {counts[region.label] * self.volume.voxel_volume_ml:.0f} mL" for region in REGIONS)
        warnings = "no warnings" if not self.warnings else "1 warning" if len(self.warnings) == 1 else f"{len(self.warnings)} warnings"
        return (
            f"Segmentation of {self.volume.name} by {self.method}, {sizes} voxels of {spacing} mm (slice, row, column)\n"
            f"{', '.join(volumes)}\n"
            f"{warnings}; .measure() gives tables, .save(folder) writes all files, .to_sitk() and .to_nibabel() give the labels"
        )

    def _repr_html_(self) -> str:
        """Show the overview in a notebook: three views with outlines, volumes and what was checked."""
        from ..output.overview import draw_overview

        file = io.BytesIO()
        draw_overview(self, self._measures).save(file, format="PNG")
        picture = base64.b64encode(file.getvalue()).decode("ascii")
        first_line = html.escape(repr(self).splitlines()[0])
        return f'<figure><img src="data:image/png;base64,{picture}" style="max-width:100%"/><figcaption>{first_line}</figcaption></figure>'


def segment(
    image: object,
    method: str | None = None,
    parameters: Mapping[str, object] | None = None,
    progress: Progress = no_progress,
    airways: bool = True,
    vessels: bool = False,
    vessel_rule: str | None = None,
    probability: bool = False,
    *,
    affine: np.ndarray | None = None,
) -> Segmentation:
    """Segment right lung, left lung and airways of a chest CT, and the vessels inside the lungs on request.

    Parameters
    ----------
    image : str, path, CtVolume, SimpleITK.Image, nibabel image or numpy.ndarray
        A CT in Hounsfield units, in any orientation: a DICOM folder, NIfTI, NRRD or MetaImage file, or an image in memory.
    method : str, optional
        Key of a method (``lungsegmentation methods`` lists them); for None or ``auto`` the network where it can run.
    parameters : mapping, optional
        Parameters of the method by name; the others keep their defaults.
    progress : callable
        ``progress(fraction, text)``; may raise :class:`LungSegmentationLib.progress.Cancelled`.
    airways : bool
        Whether the airways become a region of their own; they are never lung.
    vessels : bool
        Whether to look for the vessels inside the lungs too.
    vessel_rule : str, optional
        ``tubularity`` (default) or ``threshold``.
    probability : bool
        Whether to make the map of lung probability; only the network can.
    affine : numpy.ndarray, optional
        float (4, 4), for an array: from its indices (i, j, k) to mm in RAS, as in nibabel.

    Returns
    -------
    Segmentation

    Raises
    ------
    InputError
        If the image cannot be read, is not a CT in Hounsfield units, shows no lung, or a parameter is out of range.
    """
    if affine is not None and not isinstance(image, np.ndarray):
        raise InputError(f"affine= belongs to an array; a {type(image).__name__} has its own geometry")
    if isinstance(image, (str, PathLike)):
        volume = read_ct(Path(image))
    elif isinstance(image, CtVolume):
        volume = image
    else:
        volume = volume_in_memory(image, affine)
    result = pipeline.segment(volume, method, parameters, progress, airways, vessels, vessel_rule, probability)
    return Segmentation(**{field.name: getattr(result, field.name) for field in fields(result)})
