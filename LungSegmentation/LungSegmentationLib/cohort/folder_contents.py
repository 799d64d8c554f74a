"""What the files of one folder are, by their content: image files, DICOM series, and what cannot be read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import InputError, error_line
from ..io.dicom.headers import Folder, add_file, is_dicom
from ..io.dicom.series import Series, stacks_of
from ..io.file_checks import read_start
from ..io.images import EXPECTED_IMAGE, image_layout
from .walking import Listing

# A file with such a name is meant as a scan: that it is none is said.
_IMAGE_ENDINGS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm")
_START_BYTES = 256

Facts = dict[str, Any]


def folder_contents(listing: Listing, before: Mapping[str, Any] | None) -> Facts:
    """Look at every file of a folder; headers only.

    Parameters
    ----------
    listing : Listing
    before : mapping, optional
        What this function gave for the folder at an earlier time: what has not changed since is taken from there.

    Returns
    -------
    dict
        As JSON has it: ``signature``, ``images`` (by name), ``series``, ``errors`` (by name).
    """
    signature = listing.signature
    if before is not None and before.get("signature") == signature:
        return dict(before)
    known = (before or {}).get("images", {})
    images: Facts = {}
    errors: dict[str, str] = {}
    found = Folder()
    for file in listing.files:
        stamp = [file.size, file.changed_ns]
        if known.get(file.name, {}).get("stamp") == stamp:
            images[file.name] = known[file.name]
            continue
        try:
            _look_at(Path(listing.folder, file.name), stamp, images, found)
        except Exception as error:  # whatever is wrong with a file, the others go on
            errors[file.name] = error_line(error)
    return {"signature": signature, "images": images, "series": _series(found), "errors": errors}


def _look_at(path: Path, stamp: Sequence[int], images: Facts, found: Folder) -> None:
    if is_dicom(read_start(path, _START_BYTES, EXPECTED_IMAGE)):
        add_file(found, path)
        return
    layout = image_layout(path)
    if layout is not None:
        files, voxels = layout
        images[path.name] = {"stamp": list(stamp), "files": [str(file) for file in files], "voxels": voxels}
    elif path.name.lower().endswith(_IMAGE_ENDINGS):
        raise InputError(f"{path.name} is not an image that can be read, or it is damaged at its start; expected {EXPECTED_IMAGE}")


def _series(found: Folder) -> list[Facts]:
    """Describe the series of a folder, pieces of one stack as one; a damaged one too, for its own run says what is wrong."""
    damaged: Iterable[str]
    try:
        stacks, damaged = stacks_of(found)
    except Exception:  # the run of each series says what is wrong with it
        stacks, damaged = [], found.series
    by_uids: dict[tuple[str, ...], list[Series]] = {}
    for stack in stacks:
        by_uids.setdefault(stack.uids, []).append(stack)
    return [*(_facts(found, uids, those) for uids, those in by_uids.items()), *(_facts(found, (uid,), []) for uid in damaged)]


def _facts(found: Folder, uids: tuple[str, ...], stacks: Sequence[Series]) -> Facts:
    items = [item for uid in uids for item in found.series[uid]]
    header = items[0][1]
    instances = "|".join(sorted(str(dataset.get("SOPInstanceUID", "")) for _, dataset in items))
    sizes = [int(header.get("Rows", 0) or 0), int(header.get("Columns", 0) or 0)]
    frames = max(len(items), sum(len(stack.frames) for stack in stacks))
    return {
        "uids": list(uids),
        "files": sorted({os.path.basename(path) for path, _ in items}),  # noqa: PTH119
        "study": str(header.get("StudyInstanceUID", "") or ""),
        "patient": str(header.get("PatientID", "") or "").strip(),
        "date": str(header.get("AcquisitionDate", "") or header.get("StudyDate", "") or "")[:8],
        "voxels": sizes[0] * sizes[1] * frames,
        "flavour": int(min((stack.flavour for stack in stacks), default=0)),
        "is_axial": any(stack.is_axial for stack in stacks) or not stacks,
        "extent_mm": max((stack.extent_mm for stack in stacks), default=0.0),
        "instances": hashlib.blake2b(instances.encode(), digest_size=16).hexdigest(),
    }
