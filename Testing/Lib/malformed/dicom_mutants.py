"""Sound DICOM files changed at random: bytes flipped, cut, repeated, lengths made absurd."""

from __future__ import annotations

import numpy as np

_ABSURD = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xfe\xff\xff\xff", b"\0\0\0\x80")
_PREAMBLE = 128


def mutant(content: bytes, random: np.random.Generator) -> bytes:
    """Change a file in one to four places, mostly in its header.

    Parameters
    ----------
    content : bytes
        A sound file.
    random : numpy.random.Generator
        The same state gives the same mutant.
    """
    changed = bytearray(content)
    for _ in range(int(random.integers(1, 5))):
        end = len(changed) if random.random() < 0.2 else min(len(changed), 3000)
        at = int(random.integers(_PREAMBLE, max(end, _PREAMBLE + 1)))
        size = int(random.integers(1, 40))
        kind = int(random.integers(7))
        if kind == 0:
            changed[at : at + 1] = bytes([int(random.integers(256))])
        elif kind == 1:
            changed[at : at + 4] = _ABSURD[int(random.integers(len(_ABSURD)))]
        elif kind == 2:
            del changed[at : at + size]
        elif kind == 3:
            changed[at:at] = random.bytes(size)
        elif kind == 4:
            changed[at:at] = changed[at : at + size] * int(random.integers(1, 30))
        elif kind == 5:
            changed[at : at + size] = random.bytes(size)
        else:
            del changed[max(at, _PREAMBLE + 8) :]
    return bytes(changed)
