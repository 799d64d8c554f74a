"""Lung segmentation in chest CT: arrays, files and physics; never Slicer, Qt or MRML.

Examples
--------
>>> from LungSegmentationLib import read_ct, segment  # doctest: +SKIP
>>> result = segment(read_ct("ct.nii.gz"), method="connected-components")  # doctest: +SKIP
"""

from .version import __version__

__all__ = ["__version__", "read_ct", "segment"]


def __getattr__(name: str) -> object:
    # Imported on first use, so that `lungsegmentation --help` answers at once.
    if name == "segment":
        from .pipeline import segment

        return segment
    if name == "read_ct":
        from .io import read_ct

        return read_ct
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
