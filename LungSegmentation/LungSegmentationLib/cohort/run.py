"""A run over many scans: what there is, what is done, the rest, and the tables; the same again goes on where it ended.

The output folder holds ``scans/ID`` (one folder a scan, named by the content of its files), ``not_done/NAME.json``, the tables of
:mod:`.tables`, and what the run remembers (:mod:`.state_folder`). One run at a time writes to it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError, output_errors
from ..network.processor_cores import available_physical_cores
from ..output.atomic_folder import clear_up
from ..output.run_lock import run_lock
from ..review.index import INDEX_NAME, write_index
from ..review.results import find_results
from ..tables.csv_files import write_csv
from ..version import __version__
from . import limits
from .changes import changes_table
from .cluster import Workers, local_workers, remote_workers
from .discovery import Found, discover
from .not_done import ERROR, LEFT_OUT, NotDone
from .one_scan import DONE, KNOWN, OTHER, SCANS_NAME, Task
from .privacy import Anonymiser, pseudonym
from .progress_lines import ProgressLines
from .rated import load_ratings, with_ratings
from .result_layouts import ResultLayout, write_result_layout
from .result_record import change_patient, folder_signature, is_whole, read_record
from .run_options import Options, Outcome
from .scan import Scan
from .scheduling import Scheduling, needed_memory_gb
from .state_folder import StateFolder
from .tables import (
    CHANGES_NAME,
    Row,
    readable,
    records_of_folders,
    row_of_failure,
    row_of_record,
    write_atomically,
    write_cohort,
    write_keys,
)
from .worker import Answer

_WRITE_SECONDS = 60.0
_DASK_NAME = "dask"


def run_cohort(options: Options, progress: ProgressLines) -> Outcome:
    """Do every scan that is not done.

    Parameters
    ----------
    options : Options
    progress : ProgressLines

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        When an input is not there, or scans are done with other parameters and ``overwrite`` is not given.
    OutputError
        When another run has the folder, it cannot be written, or the cluster is gone.
    """
    with output_errors(f"the output folder {options.output} cannot be made", "give a folder that you may write to"):
        (options.output / SCANS_NAME).mkdir(parents=True, exist_ok=True)
    with run_lock(options.output):
        state = StateFolder(options.output)
        try:
            shutil.rmtree(state.path / _DASK_NAME, ignore_errors=True)  # of a run that was killed
            return _Run(options, state, progress).run()
        finally:
            state.close()
            shutil.rmtree(state.path / _DASK_NAME, ignore_errors=True)


class _Run:
    def __init__(self, options: Options, state: StateFolder, progress: ProgressLines) -> None:
        self._options, self._state, self._progress = options, state, progress
        self._scans = options.output / SCANS_NAME
        self._not_done = NotDone(options.output)
        self._rows: dict[str, Row] = {}
        self._records: dict[str, dict[str, Any]] = {}
        self._known: dict[str, str] = {}  # source: name of its folder
        self._folders: dict[str, str] = {}  # name of a folder: its signature
        self._done: set[str] = set()
        self._copies: set[str] = set()
        self._is_repeated = False
        self._ratings = load_ratings(options.output, options.ratings)
        self._outcome = Outcome()
        self._written = time.monotonic()

    def run(self) -> Outcome:
        options = self._options
        processes = options.workers or available_physical_cores() or 1
        found = discover(options.inputs, options.output, self._state.folders(), self._progress.searched, processes)
        self._state.keep_folders(found.folders)
        self._sources = {scan.source: scan for scan in found.scans}
        self._left_out = found.left_out
        self._note_left_out(found)
        for record in records_of_folders(options.output):
            self._note_record(record)
        self._clear_up()
        waiting = self._waiting(found.scans)
        self._outcome.total, self._outcome.before = len(found.scans), len(found.scans) - len(waiting)
        waiting = self._without_certain_failures(waiting)
        self._progress.begin(self._outcome.total, self._outcome.total - len(waiting), self._outcome.errors)
        try:
            if waiting:
                self._do(waiting)
            lost = [scan for scan in found.scans if waiting and self._is_lost(scan)]
            if lost:
                self._progress.lost(len(lost))
                self._is_repeated = True
                self._do(lost)
        finally:
            self._outcome.done, self._outcome.copies = len(self._done), len(self._copies - self._done)
            self._clear_up()
            self._write_tables()
            self._write_index()
            if options.layout is not None:
                self._outcome.written.append(write_result_layout(options.layout, options.output))
        self._progress.finish()
        return self._outcome

    def _clear_up(self) -> None:
        """Remove what killed scans left."""
        for name in os.listdir(self._scans):  # noqa: PTH208  names are enough
            if name not in self._rows:
                with suppress(OutputError):
                    clear_up(self._scans / name)

    def _name(self, source: str) -> str:
        return pseudonym(self._state.secret, source)

    def _note_left_out(self, found: Found) -> None:
        """Note what cannot be read or is left out, and forget what was noted of sources that are here no more or are scans now."""
        noted = {self._name(item.source): item for item in found.left_out}
        scans = {self._name(source) for source in self._sources}
        for name in list(self._not_done.entries):
            if name not in noted and name not in scans:
                self._not_done.remove(name)
        for name, item in noted.items():
            reason = " ".join(item.reason.split())
            if not self._options.parameters.identifiers:
                reason = Anonymiser(item.source, [item.source], "").text(reason)
            more = {"source": item.source} if self._options.parameters.identifiers else {}
            self._not_done.add(name, ERROR if item.is_error else LEFT_OUT, reason, {"version": __version__, **more})
            if item.is_error:
                self._count_error(reason)
            else:
                self._outcome.left_out += 1

    def _waiting(self, scans: Sequence[Scan]) -> list[Scan]:
        """List the scans that have no whole result of these parameters, and bring the index up to date."""
        index = self._state.index()
        waiting, other, entries = [], 0, []
        for scan in scans:
            entry = index.get(scan.source)
            key = self._key_of(scan, entry)
            if key is None:
                waiting.append(scan)
            elif key == self._options.parameters.key:
                entry = self._of_the_same_patient(scan, entry or {})
                self._note_known(scan, entry)
                entries.append(entry)
                self._not_done.remove(self._name(scan.source))
            else:
                other += 1
                waiting.append(scan)
                entries.append(entry or {})
        if other and not self._options.overwrite:
            raise InputError(
                f"{other} of the {len(scans)} scans are done with other parameters or another version; --overwrite does these again "
                f"and replaces their results, another output folder keeps both (unchanged would stay {len(scans) - len(waiting)})"
            )
        self._state.start_index(entries)
        return waiting

    def _of_the_same_patient(self, scan: Scan, entry: dict[str, str]) -> dict[str, str]:
        """Write into a result whose it is, where a list says so now or says otherwise than before."""
        patient = pseudonym(self._state.secret, scan.patient)
        row = self._rows[entry["id"]]
        if patient and row["patient"] != patient:
            folder = self._scans / entry["id"]
            change_patient(folder, patient)
            row["patient"] = patient
            entry = {**entry, "folder": folder_signature(folder, self._records[entry["id"]])}
        return entry

    def _note_record(self, record: Mapping[str, Any]) -> None:
        self._rows[record["id"]] = row_of_record(record)
        self._records[record["id"]] = {"key": record["key"], "files": record["files"]}

    def _note_known(self, scan: Scan, entry: Mapping[str, str]) -> None:
        self._known[scan.source] = entry["id"]
        self._folders[entry["id"]] = entry["folder"]

    def _key_of(self, scan: Scan, entry: dict[str, str] | None) -> str | None:
        """Give the parameters of a scan's result; None where there is none, or it is not whole."""
        if entry is None or entry.get("signature") != scan.signature:
            return None
        folder, record = self._scans / entry["id"], self._records.get(entry["id"])
        if record is None:
            return None
        signature = folder_signature(folder, record)
        if not signature or (signature != entry.get("folder") and not is_whole(folder, record)):
            del self._records[entry["id"]], self._rows[entry["id"]]
            return None
        entry["folder"] = signature
        return str(record["key"])

    def _is_lost(self, scan: Scan) -> bool:
        """Tell whether a scan's result was there and is not whole any more."""
        name = self._known.get(scan.source)
        if name is None:
            return False
        entry = {"signature": scan.signature, "id": name, "folder": self._folders.get(name, "")}
        return self._key_of(scan, entry) is None

    def _without_certain_failures(self, scans: Sequence[Scan]) -> list[Scan]:
        """Leave out the scans that failed for what they are and have not changed: they would fail again."""
        waiting = []
        for scan in scans:
            entry = self._not_done.entries.get(self._name(scan.source), {})
            is_same = entry.get("signature") == scan.signature and entry.get("key") == self._options.parameters.key
            if entry.get("is_final") and is_same and not self._options.overwrite:
                self._count_error(str(entry["error"]))
            else:
                waiting.append(scan)
        return waiting

    def _do(self, scans: Sequence[Scan]) -> None:
        options = self._options
        tasks = [self._task(scan) for scan in scans]
        with self._workers(tasks) as workers:
            scheduling = Scheduling(workers, options.engine, self._state.token, options.timeout_s, options.retries, self._progress.tick)
            for task, answer in scheduling.run(tasks):
                self._take(task.scan, answer)
                if time.monotonic() - self._written > _WRITE_SECONDS:
                    self._write_tables(with_parquet=False)

    def _workers(self, tasks: Sequence[Task]) -> AbstractContextManager[Workers]:
        options = self._options
        if options.scheduler is not None:
            return remote_workers(options.scheduler)
        folder = self._state.path / _DASK_NAME
        folder.mkdir(mode=0o700, exist_ok=True)
        needs_gb = sorted(map(needed_memory_gb, tasks))
        most_gb = needs_gb[int(limits.MOST_SCANS_SHARE * (len(needs_gb) - 1))]
        return local_workers(options.workers, options.memory_gb, most_gb, options.retries, folder)

    def _task(self, scan: Scan) -> Task:
        options = self._options
        patient = pseudonym(self._state.secret, scan.patient)
        return Task(scan, str(options.output.resolve()), options.parameters, patient, options.overwrite)

    def _take(self, scan: Scan, answer: Answer) -> None:
        """Take note of what came of a scan."""
        name, status = self._name(scan.source), answer["status"]
        record = read_record(self._scans / answer["id"]) if status in (DONE, KNOWN) else None
        if record is not None:
            folder = self._scans / answer["id"]
            self._note_record(record)
            signature = folder_signature(folder, record)
            entry = {"source": scan.source, "signature": scan.signature, "id": answer["id"], "folder": signature}
            self._note_known(scan, entry)
            self._state.note(entry)
            self._not_done.remove(name)
            (self._done if status == DONE else self._copies).add(scan.source)
            self._progress.ended(False)
            return
        if status in (DONE, KNOWN) and not self._is_repeated:  # somebody took the result away: it is made again at the end
            self._note_known(scan, {"id": answer["id"], "folder": ""})
            self._progress.ended(False)
            return
        if status == OTHER:
            answer = {"error": "it is done with other parameters or another version; --overwrite does it again", "is_final": False}
        reason = answer.get("error", "its result is not there any more")
        more = {"version": __version__, "patient": pseudonym(self._state.secret, scan.patient), "key": self._options.parameters.key}
        more |= {"signature": scan.signature, "is_final": answer.get("is_final", False)}
        if self._options.parameters.identifiers:
            more |= {"source": scan.source}
        self._not_done.add(name, ERROR, reason, more)
        self._count_error(reason)
        self._progress.ended(True)

    def _count_error(self, reason: str) -> None:
        self._outcome.errors += 1
        self._outcome.first_error = self._outcome.first_error or reason

    def _write_tables(self, with_parquet: bool = True) -> None:
        """Write all tables anew."""
        options = self._options
        failures = [row_of_failure(entry) for entry in self._not_done.entries.values()]
        rows = [*self._rows.values(), *failures]
        if options.parameters.identifiers:
            rows = [self._with_identifiers(row) for row in rows]
        with suppress(InputError):  # a file that was right at first; then the earlier ratings stay
            self._ratings = load_ratings(options.output, options.ratings)
        rows = with_ratings(rows, options.output, self._ratings)
        written = write_cohort(rows, options.output, with_parquet, options.parameters.identifiers)
        dates = {folder: self._sources[source].date for source, folder in self._known.items()}
        changes = changes_table(self._rows.values(), dates, {folder: place for place, folder in enumerate(self._known.values())})
        if changes.rows:
            write_atomically(options.output / CHANGES_NAME, lambda path: write_csv(changes, path))
            written.append(CHANGES_NAME)
        else:
            with suppress(OSError):
                (options.output / CHANGES_NAME).unlink()
        write_keys(self._keys(), options.output)
        self._outcome.written = written
        self._written = time.monotonic()

    def _write_index(self) -> None:
        """Write the page for the review of all results, unless it is there and nothing is new."""
        output = self._options.output
        if self._done or not (output / INDEX_NAME).exists():
            with suppress(InputError):  # there is no result yet
                write_index(output, find_results(output))
                self._outcome.written.append(INDEX_NAME)

    def _keys(self) -> list[tuple[str, str, str, str]]:
        entries = []
        for source, scan in self._sources.items():
            entries.append((self._known.get(source) or self._name(source), source, scan.patient, scan.date))
        entries += [(self._name(item.source), item.source, "", "") for item in self._left_out]
        return sorted(entries)

    def _with_identifiers(self, row: Row) -> Row:
        by_folder = {folder: source for source, folder in self._known.items()} | {self._name(source): source for source in self._sources}
        scan = self._sources.get(by_folder.get(str(row["scan"]), ""))
        facts = {"source": readable(scan.source), "patient_id": scan.patient, "date": scan.date} if scan is not None else {}
        return {**row, "source": None, "patient_id": None, "date": None, **facts}


def rebuild_tables(output: Path, ratings: Path | None = None, layout: ResultLayout | None = None) -> list[str]:
    """Make the table of all scans anew from the folders alone.

    Parameters
    ----------
    output : pathlib.Path
        Of an earlier run.
    ratings : pathlib.Path, optional
        The CSV file of a review; that in the output folder for None, where there is one.
    layout : ResultLayout, optional
        Its folder is brought up to date too.

    Returns
    -------
    list of str
        Names of the files.

    Raises
    ------
    InputError
        When the file is no file of ratings.
    OutputError
        When another run has the folder, or it holds no results.
    """
    if not (output / SCANS_NAME).is_dir():
        raise OutputError(f"{output} holds no results of many scans (no folder {SCANS_NAME}); give the output folder of such a run")
    with run_lock(output):
        failures = [row_of_failure(entry) for entry in NotDone(output).entries.values()]
        rows = with_ratings([*map(row_of_record, records_of_folders(output)), *failures], output, load_ratings(output, ratings))
        written = write_cohort(rows, output, with_parquet=True)
        return written if layout is None else [*written, write_result_layout(layout, output)]
