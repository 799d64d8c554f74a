"""Which scans there are in folders, files and lists: each once, whatever it is called, by headers alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import InputError, error_line
from ..io.dicom.image_type import Flavour
from ..io.dicom.limits import WHOLE_SHARE
from ..io.file_checks import check_regular
from .folder_contents import Facts
from .folder_reading import FolderReading
from .scan import LeftOut, Scan
from .scan_list import ListedScan, is_scan_list, read_scan_list
from .walking import FileFacts, Listing, signature_of, walk

Report = Callable[[int, int], None]
"""Told how many files were seen, and how many scans found."""

_EXPECTED = "a folder, an image file, a DICOM file, or a list of scans (CSV)"
_MAIN = ("study", "flavour", "is_axial")


@dataclass
class Found:
    """What there is.

    Parameters
    ----------
    scans : list of Scan
    left_out : list of LeftOut
    folders : dict
        What each folder holds, by its path: with it a later search reads what has changed only.
    files : int
        How many files were looked at.
    """

    scans: list[Scan] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    folders: dict[str, Facts] = field(default_factory=dict)
    files: int = 0


@dataclass
class _Piece:
    """What one folder holds of a series."""

    folder: str
    facts: Facts
    stats: Mapping[str, FileFacts]
    listed: ListedScan | None


def discover(
    inputs: Sequence[Path],
    output: Path,
    before: Mapping[str, Facts],
    report: Report = lambda _files, _scans: None,
    processes: int = 1,
) -> Found:
    """Find every scan.

    Parameters
    ----------
    inputs : sequence of pathlib.Path
        Folders (with all below), image files, DICOM files (each stands for its series), lists (see :mod:`.scan_list`).
    output : pathlib.Path
        Is not looked into.
    before : mapping
        :attr:`Found.folders` of an earlier search.
    report : callable
    processes : int
        How many may read headers at once, where there are many.

    Returns
    -------
    Found
        Projections and scouts are left out, and where a study has axial and original series also the others, as
        :func:`LungSegmentationLib.io.dicom.series.choose_series` prefers them.

    Raises
    ------
    InputError
        When an input is not there, or a list cannot be read.
    """
    reading = FolderReading(before, processes)
    search = _Search(os.path.realpath(output), reading, report)
    try:
        for path in inputs:
            search.add_input(path)
    finally:
        reading.close()
    return search.found_scans()


class _Search:
    def __init__(self, output: str, reading: FolderReading, report: Report) -> None:
        self._found = Found()
        self._output, self._reading, self._report = output, reading, report
        self._seen: set[tuple[int, int]] = set()
        self._images: dict[str, Scan] = {}
        self._beside: dict[str, tuple[Listing, Facts]] = {}
        self._pieces: dict[tuple[str, ...], list[_Piece]] = {}

    def add_input(self, path: Path) -> None:
        """Add what the user named: a folder, a list, or a file."""
        if path.is_dir():
            self.add_folder(os.path.realpath(path), None)
            return
        check_regular(path, _EXPECTED)
        if is_scan_list(path):
            for row in read_scan_list(path):
                self.add_listed(row)
        else:
            self.add_file(os.path.realpath(path), None)

    def add_folder(self, folder: str, listed: ListedScan | None) -> None:
        for listing, contents in self._reading.read(walk(folder, self._seen, self._output)):
            self._note(listing, contents)
            self._add_listing(listing, contents, listed)

    def add_file(self, path: str, listed: ListedScan | None) -> None:
        """Add an image file, or the series of a DICOM file."""
        folder, name = os.path.split(path)
        if folder not in self._beside:  # a list may name thousands of one folder
            beside = next(iter(walk(folder, set(), self._output)), Listing(folder))
            (self._beside[folder],) = self._reading.read([beside])
            self._note(*self._beside[folder])
        listing, contents = self._beside[folder]
        stats = listing.by_name
        if name in contents["errors"]:
            self._found.left_out.append(LeftOut(path, contents["errors"][name]))
        elif name in contents["images"]:
            self._add_image(folder, name, contents["images"][name], stats, listed)
        else:
            series = [facts for facts in contents["series"] if name in facts["files"]]
            for facts in series:
                self._pieces.setdefault(tuple(facts["uids"]), []).append(_Piece(folder, facts, stats, listed))
            if not series:
                self._found.left_out.append(LeftOut(path, f"{name} is no CT image; expected {_EXPECTED}"))

    def add_listed(self, row: ListedScan) -> None:
        """Add what a row of a list names; that it is not there is said of that row."""
        path = os.path.realpath(row.path)
        try:
            if os.path.isdir(path):
                self.add_folder(path, row)
            else:
                check_regular(row.path, _EXPECTED)
                self.add_file(path, row)
        except (InputError, OSError) as error:
            self._found.left_out.append(LeftOut(str(row.path), error_line(error)))

    def found_scans(self) -> Found:
        """Put the pieces of series together, and choose among the series of each study."""
        series = [_merged(uids, pieces) for uids, pieces in self._pieces.items()]
        kept, left_out = _chosen(series)
        self._found.scans = [*self._images.values(), *kept]
        self._found.left_out += left_out
        return self._found

    def _note(self, listing: Listing, contents: Facts) -> None:
        self._found.folders[listing.folder] = contents
        self._found.files += len(listing.files)
        self._report(self._found.files, len(self._images) + len(self._pieces))

    def _add_listing(self, listing: Listing, contents: Facts, listed: ListedScan | None) -> None:
        self._found.left_out += [LeftOut(path, reason) for path, reason in listing.problems]
        stats = listing.by_name
        for name, reason in contents["errors"].items():
            self._found.left_out.append(LeftOut(os.path.join(listing.folder, name), reason))  # noqa: PTH118
        for name, facts in contents["images"].items():
            self._add_image(listing.folder, name, facts, stats, listed)
        for facts in contents["series"]:
            self._pieces.setdefault(tuple(facts["uids"]), []).append(_Piece(listing.folder, facts, stats, listed))

    def _add_image(self, folder: str, name: str, facts: Facts, stats: Mapping[str, FileFacts], listed: ListedScan | None) -> None:
        path = os.path.join(folder, name)  # noqa: PTH118
        if path.encode("utf-8", "replace") != os.fsencode(path):
            self._found.left_out.append(LeftOut(path, "its path is not valid UTF-8; rename the file or folder"))
            return
        known = self._images.get(path)
        if known is not None and listed is None:
            return
        signature = signature_of(_stamps(facts["files"], folder, stats))
        scan = Scan(path, path, tuple(facts["files"]), False, facts["voxels"], signature)
        self._images[path] = _as_listed(scan, listed)


def _stamps(paths: Sequence[str], folder: str, stats: Mapping[str, FileFacts]) -> Iterator[tuple[str, int, int]]:
    for path in paths:
        parent, name = os.path.split(path)
        if parent == folder and name in stats:
            yield path, stats[name].size, stats[name].changed_ns
        else:
            status = os.stat(path) if os.path.exists(path) else None  # noqa: PTH116  in another folder, or gone
            yield path, status.st_size if status else -1, status.st_mtime_ns if status else 0


def _as_listed(scan: Scan, listed: ListedScan | None) -> Scan:
    if listed is None:
        return scan
    return replace(scan, patient=listed.patient or scan.patient, date=listed.date or scan.date)


def _merged(uids: tuple[str, ...], pieces: Sequence[_Piece]) -> tuple[Scan, Facts]:
    """Make one scan of what several folders hold of a series; a copy of what another one holds does not count."""
    own: dict[str, _Piece] = {}
    for piece in pieces:
        own.setdefault(piece.facts["instances"], piece)
    kept = list(own.values())
    files = [os.path.join(piece.folder, name) for piece in kept for name in piece.facts["files"]]  # noqa: PTH118
    stamps = [stamp for piece in kept for stamp in _stamps(files, piece.folder, piece.stats) if os.path.dirname(stamp[0]) == piece.folder]  # noqa: PTH120
    first = kept[0]
    scan = Scan(
        source=f"{first.folder}|{'+'.join(uids)}",
        path=first.folder,
        files=tuple(files),
        is_dicom=True,
        voxels=sum(piece.facts["voxels"] for piece in kept),
        signature=signature_of(iter(stamps)),
        patient=first.facts["patient"],
        date=first.facts["date"],
    )
    facts: dict[str, Any] = {
        **{key: first.facts[key] for key in _MAIN},
        "flavour": min(piece.facts["flavour"] for piece in kept),
        "extent_mm": max(piece.facts["extent_mm"] for piece in kept),
    }
    return _as_listed(scan, next((piece.listed for piece in pieces if piece.listed is not None), None)), facts


def _chosen(series: Sequence[tuple[Scan, Facts]]) -> tuple[list[Scan], list[LeftOut]]:
    """Keep of each study the axial, original series, where it has such; projections never."""
    studies: dict[str, list[tuple[Scan, Facts]]] = {}
    for scan, facts in series:
        studies.setdefault(facts["study"] or scan.source, []).append((scan, facts))
    kept: list[Scan] = []
    left_out: list[LeftOut] = []
    for those in studies.values():
        measurable = [facts for _, facts in those if facts["flavour"] < Flavour.PROJECTION]
        axial = [facts for facts in measurable if facts["is_axial"]]
        longest = max((facts["extent_mm"] for facts in axial), default=0.0)
        whole = [facts for facts in axial or measurable if facts["extent_mm"] >= WHOLE_SHARE * longest or not axial]
        best = min((facts["flavour"] for facts in whole), default=Flavour.ORIGINAL)
        for scan, facts in those:
            reason = ""
            if facts["flavour"] >= Flavour.PROJECTION:
                reason = "a projection: it mixes the slices of a slab, so no density or vessel in it is true"
            elif axial and not facts["is_axial"]:
                reason = "its slices are not axial; axial ones of the same study are run"
            elif facts["flavour"] >= Flavour.DERIVED > best:
                reason = "derived; the original slices of the same study are run"
            if reason:
                left_out.append(LeftOut(scan.source, reason, is_error=False))
            else:
                kept.append(scan)
    return kept, left_out
