"""Networks that were trained without some patients, as ``Training.cross_validate`` leaves them in a folder."""

from __future__ import annotations

import json
from pathlib import Path


class LeftOutNetworks:
    """The networks of a folder, by the patients that each never saw.

    Parameters
    ----------
    folder : pathlib.Path
        In its folders ``fold0``, ``fold1``, ... lies a network each, with its card.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._card_of: dict[str, Path] = {}
        for path in sorted(folder.glob("fold*/*.json")):
            training = json.loads(path.read_text(encoding="utf-8"))["training"]
            self._card_of |= dict.fromkeys(training["left_out"], path)
        if not self._card_of:
            raise SystemExit(f"{folder} has no networks in fold0, fold1, ...; Training.cross_validate makes them")

    def card_for(self, scan: str) -> Path:
        """Give the card of the network that never saw a scan's patient; a scan may be named as its patient, with a kernel's mark behind."""
        for patient, card in self._card_of.items():
            if scan == patient or scan.startswith(f"{patient}_"):
                return card
        raise SystemExit(f"{self.folder} has no network that was trained without the patient of {scan!r}")


def parameters_for(scan: str, method: str, networks: LeftOutNetworks | None) -> dict[str, str] | None:
    """Give a method's parameters: for the network the card of one that never saw the scan's patient, where there are such."""
    return {"model": str(networks.card_for(scan))} if networks and method == "network" else None
