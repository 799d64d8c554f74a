"""What says who a patient is stays out of results: names of files and folders, UIDs, PatientID, dates."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..volume import CtVolume, scan_name

_UID = re.compile(r"\b\d+(?:\.\d+){4,}\b")
_NOBODY = re.compile(r"\d{0,4}|\w{0,2}")  # names that say nothing; looked for, they would tear words and numbers apart
_PSEUDONYM_DIGITS = 12


def pseudonym(secret: bytes, text: str) -> str:
    """Name something by a short word that only who has the secret can make again; an empty text stays empty."""
    return hmac.new(secret, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:_PSEUDONYM_DIGITS] if text else ""


class Anonymiser:
    """Takes what a scan is called out of texts.

    Parameters
    ----------
    path : str
        Image file or folder.
    files : iterable of str
        Its files.
    name : str
        What the scan is called instead.
    """

    def __init__(self, path: str, files: Iterable[str], name: str) -> None:
        self._name = name
        own = {path, Path(path).name, scan_name(Path(path))}
        own |= {word for file in files for word in (file, Path(file).name, Path(file).stem)}
        words = sorted((word for word in own if not _NOBODY.fullmatch(word)), key=len, reverse=True)
        self._words = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)) if words else None

    def text(self, text: str) -> str:
        """Write a sentence without names of files and folders and without UIDs."""
        if self._words is not None:
            text = self._words.sub("[file]", text)
        return _UID.sub("[UID]", text)

    def volume(self, volume: CtVolume) -> CtVolume:
        """Give a scan without what says whose it is; its voxels stay as they are."""
        source = {key: value for key, value in volume.source.items() if key in ("format", "modality")}
        warnings = tuple(self.text(warning) for warning in volume.warnings)
        return replace(volume, name=self._name, warnings=warnings, source={**source, "path": self._name})
