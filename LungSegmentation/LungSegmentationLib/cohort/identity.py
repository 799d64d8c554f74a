"""What a scan's result depends on: the content of its files, the parameters, and the program."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, system_reason
from ..version import __version__

_READ_BYTES = 1 << 20
_ID_DIGITS = 20


@dataclass(frozen=True)
class RunParameters:
    """What the user asked for, of every scan alike.

    Parameters
    ----------
    method : str
        Key of the method that runs.
    values : dict
        Every parameter of the method, by name.
    airways, vessels : bool
    vessel_rule : str or None
    report, viewer : bool
        Whether each result gets these pages; the figures do not depend on them.
    network : str
        SHA-256 of the network that the method runs; empty where it runs none.
    identifiers : bool
        Whether results may hold names of files and UIDs.
    label_mapping : str, optional
        Name of the numbering in which each label map is written too.
    table_layouts : sequence of str
        Names of tools in whose tables the measures are written too.
    """

    method: str
    values: dict[str, Any]
    airways: bool = True
    vessels: bool = True
    vessel_rule: str | None = None
    report: bool = True
    viewer: bool = True
    network: str = ""
    identifiers: bool = False
    label_mapping: str | None = None
    table_layouts: Sequence[str] = ()

    def facts(self) -> dict[str, Any]:
        """Give what a result depends on, as JSON has it."""
        rule = self.vessel_rule if self.vessels else None
        return {
            "method": self.method,
            "values": self.values,
            "airways": self.airways,
            "vessels": self.vessels,
            "vessel_rule": rule,
            "network": self.network,
            "identifiers": self.identifiers,
            "version": __version__,
            # Only where they are asked for: results of earlier versions of this program keep their key.
            **({} if self.label_mapping is None else {"label_mapping": self.label_mapping}),
            **({"table_layouts": list(self.table_layouts)} if self.table_layouts else {}),
        }

    @property
    def key(self) -> str:
        """Name them by one short word: results of another word are of other parameters or another version."""
        return hashlib.sha256(json.dumps(self.facts(), sort_keys=True).encode()).hexdigest()[:_ID_DIGITS]


def run_parameters(
    method: str | None,
    values: dict[str, Any],
    airways: bool = True,
    vessels: bool = True,
    vessel_rule: str | None = None,
    report: bool = True,
    viewer: bool = True,
    identifiers: bool = False,
    label_mapping: str | None = None,
    table_layouts: Sequence[str] = (),
) -> RunParameters:
    """Settle what runs: the method that ``auto`` is, and every parameter's value.

    Parameters
    ----------
    method : str, optional
    values : dict
        Parameters that the user gave.
    airways, vessels : bool
    vessel_rule : str, optional
    report, viewer, identifiers : bool
    label_mapping : str, optional
    table_layouts : sequence of str

    Returns
    -------
    RunParameters

    Raises
    ------
    InputError
        When there is no such method, parameter, rule, numbering or table layout.
    """
    from dataclasses import asdict

    from ..io.label_mappings import find_written_mapping
    from ..network.model_store import find_model
    from ..pipeline import vessel_rule_key
    from ..registry import choose_method
    from ..tables.layouts import check_layouts

    chosen, _ = choose_method(method)
    every = asdict(chosen.make_parameters(values))
    network = ""
    if "model" in every:
        network = find_model(str(every["model"])).card.sha256
        if os.path.exists(str(every["model"])):  # workers may have another current folder
            every["model"] = os.path.realpath(str(every["model"]))
    mapping = None if label_mapping is None else find_written_mapping(label_mapping).name
    rule, layouts = vessel_rule_key(vessel_rule), check_layouts(table_layouts)
    return RunParameters(chosen.key, every, airways, vessels, rule, report, viewer, network, identifiers, mapping, layouts)


def content_id(paths: Iterable[str]) -> str:
    """Name a scan by what its files hold, whatever they are called and in whatever order they come.

    Parameters
    ----------
    paths : iterable of str

    Returns
    -------
    str
        20 hexadecimal digits of a SHA-256 over those of the files.

    Raises
    ------
    InputError
        When a file cannot be read.
    """
    digests = sorted(_digest(path) for path in paths)
    return hashlib.sha256(b"".join(digests)).hexdigest()[:_ID_DIGITS]


def _digest(path: str) -> bytes:
    digest = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  thousands of them
            while block := file.read(_READ_BYTES):
                digest.update(block)
    except OSError as error:
        raise InputError(f"{path} cannot be read any more ({system_reason(error)}); check that it is there and may be read") from error
    return digest.digest()
