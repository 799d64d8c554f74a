"""The label maps of a run over many scans once more, in the folders that other tools look in: as copies, made of ``scans`` alone.

``bids``: a derivative dataset of BIDS (``dataset_description.json``, names of entities, ``dseg`` with a table of its labels:
https://bids-specification.readthedocs.io/en/stable/derivatives/imaging.html). BIDS has no data type for CT yet: ``anat`` stands in.
``monai``: a folder for each scan with files of its name, as MONAI's ``SaveImage`` writes them, and a list of them as its
``load_decathlon_datalist`` reads (https://docs.monai.io).
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import InputError, output_errors
from ..labels import REGIONS, VESSEL_REGIONS, Region
from ..version import __version__
from .one_scan import SCANS_NAME
from .tables import records_of_folders
from .whole_file import whole_file

_BIDS_VERSION = "1.10.0"
_LABELS, _VESSELS = "labels.nii.gz", "vessels.nii.gz"
_BIDS_README = """\
Label maps of chest CT, made by LungSegmentation (command cohort).

Each sub- is a patient, or a scan whose patient is not known; each ses- is a scan, named by the content of its files.
BIDS has no data type for CT yet: the label maps are in the folders anat.
"""
_BIDS_NAMES = {_LABELS: "desc-lungs_dseg", _VESSELS: "desc-vessels_dseg"}
_MONAI_NAMES = {_LABELS: "seg", _VESSELS: "vessels"}


@dataclass(frozen=True)
class ResultLayout:
    """How one tool wants its folders.

    Parameters
    ----------
    name : str
        As a user gives it, and the folder in the output.
    place : callable
        Gives the place of a scan's file in the folder: ``place(record, file_name)``; None for a file that is left out.
    texts : callable
        Gives the files that describe all: ``texts(records)``, their texts by their names.
    own_names : re.Pattern
        The places that it gives, to know what is left of scans that are there no more.
    """

    name: str
    place: Callable[[Mapping[str, Any], str], PurePosixPath | None]
    texts: Callable[[Sequence[Mapping[str, Any]]], dict[str, str]]
    own_names: re.Pattern[str]


def _bids_place(record: Mapping[str, Any], file_name: str) -> PurePosixPath | None:
    if file_name not in _BIDS_NAMES:
        return None
    # Labels are letters and digits alone. Without a patient each scan is a subject of its own.
    subject, session = (f"{key}-{_plain(value)}" for key, value in (("sub", record.get("patient") or record["id"]), ("ses", record["id"])))
    return PurePosixPath(subject, session, "anat", f"{subject}_{session}_{_BIDS_NAMES[file_name]}.nii.gz")


def _bids_texts(_records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    description = {
        "Name": "Lungs, airways and vessels in chest CT",
        "BIDSVersion": _BIDS_VERSION,
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "LungSegmentation", "Version": __version__}],
    }
    texts = {"dataset_description.json": json.dumps(description, indent=2) + "\n", "README": _BIDS_README}
    for name, meaning, regions in (
        (_LABELS, "Right lung, left lung and airways.", REGIONS),
        (_VESSELS, "Vessels in the right and in the left lung.", VESSEL_REGIONS),
    ):
        # "orig" is the scan's own grid. Files at the top hold for all below them.
        texts[f"{_BIDS_NAMES[name]}.json"] = json.dumps({"Description": meaning, "SpatialReference": "orig"}, indent=2) + "\n"
        texts[f"{_BIDS_NAMES[name]}.tsv"] = _label_table(regions)
    return texts


def _label_table(regions: Iterable[Region]) -> str:
    rows = (f"{region.label}\t{region.name}\t#{bytes(region.colour_rgb).hex().upper()}\n" for region in regions)
    return "index\tname\tcolor\n" + "".join(rows)


def _monai_place(record: Mapping[str, Any], file_name: str) -> PurePosixPath | None:
    if file_name not in _MONAI_NAMES:
        return None
    return PurePosixPath(record["id"], f"{record['id']}_{_MONAI_NAMES[file_name]}.nii.gz")


def _monai_texts(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    labels = {"0": "background", **{str(region.label): region.key for region in REGIONS}}
    items = [{"label": str(place)} for record in records if (place := _monai_place(record, _LABELS)) and _LABELS in record["files"]]
    return {"datalist.json": json.dumps({"labels": labels, "training": items}, indent=1) + "\n"}


RESULT_LAYOUTS: Mapping[str, ResultLayout] = {
    layout.name: layout
    for layout in (
        ResultLayout(
            "bids", _bids_place, _bids_texts, re.compile(r"sub-\w+/ses-\w+/anat/sub-[^/]+_desc-(?:lungs|vessels)_dseg\.nii\.gz", re.ASCII)
        ),
        ResultLayout("monai", _monai_place, _monai_texts, re.compile(r"(\w+)/\1_(?:seg|vessels)\.nii\.gz", re.ASCII)),
    )
}


def find_layout(name: str) -> ResultLayout:
    """Find a layout by its name, in capitals or not.

    Parameters
    ----------
    name : str

    Returns
    -------
    ResultLayout

    Raises
    ------
    InputError
        When there is none of that name.
    """
    layout = RESULT_LAYOUTS.get(name.strip().lower())
    if layout is None:
        raise InputError(f"the layout {name[:60]!r} is unknown; choose from: {', '.join(RESULT_LAYOUTS)}")
    return layout


def write_result_layout(layout: ResultLayout, output: Path) -> str:
    """Bring the folder of a layout up to date: copy what is new or changed, remove what is there no more.

    Parameters
    ----------
    layout : ResultLayout
    output : pathlib.Path
        Folder of the run; one run at a time writes to it.

    Returns
    -------
    str
        The folder's name.

    Raises
    ------
    OutputError
        When a file cannot be written.
    """
    folder, records = output / layout.name, list(records_of_folders(output))
    files: dict[str, Path] = {
        str(found): output / SCANS_NAME / record["id"] / name
        for record in records
        for name in record["files"]
        if (found := layout.place(record, name)) is not None
    }
    with output_errors(f"the folder {folder.name} could not be written", "free some space or give another output folder"):
        for place, source in files.items():
            _copy(source, folder / place)
        for name, text in layout.texts(records).items():
            folder.mkdir(exist_ok=True)
            with whole_file(folder / name) as unfinished:
                unfinished.write_text(text, encoding="utf-8", newline="\n")
        for path in [path for path in folder.rglob("*.nii.gz") if path.is_file()]:
            place = path.relative_to(folder).as_posix()
            if place not in files and layout.own_names.fullmatch(place):
                path.unlink()
                _remove_empty(path.parent, folder)
    return folder.name


def _copy(source: Path, target: Path) -> None:
    with suppress(OSError):
        if filecmp.cmp(source, target, shallow=False):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as unfinished:
        shutil.copyfile(source, unfinished)


def _remove_empty(folder: Path, top: Path) -> None:
    with suppress(OSError):
        while folder != top:
            os.rmdir(folder)  # noqa: PTH106  which refuses what is not empty
            folder = folder.parent


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)
