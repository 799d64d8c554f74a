"""Lets the system itself end a process that opens a socket: also one that a compiled library opens, and in its children.

A filter of system calls (seccomp, Linux 3.17; Linux man-pages, seccomp(2)) needs no rights and nothing installed. What is
filtered is the call ``socket``: without it there is no connection to anywhere and no question to a name server.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys

KILLED = -signal.SIGSYS if hasattr(signal, "SIGSYS") else None
"""Exit status of a process that opened a socket."""

AF_UNIX = 1

_ARCHITECTURES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # how the kernel names them, number of the call
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where they lie in what the filter sees
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("if_true", ctypes.c_ubyte), ("if_false", ctypes.c_ubyte), ("value", ctypes.c_uint))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def forbid_sockets(but_local: bool = False) -> None:
    """Forbid this process and all that it starts to open a socket; for ``preexec_fn``.

    Parameters
    ----------
    but_local : bool
        Whether sockets to other programs on this computer are allowed, as windows need them.
    """
    architecture, number = _ARCHITECTURES[platform.machine()]
    allowed_family = AF_UNIX if but_local else 0xFFFF
    steps = (
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_IF_EQUAL, 0, 5, architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_EQUAL, 0, 3, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 1, 0, allowed_family),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_RETURN, 0, 0, _ALLOW),
    )
    instructions = (_Instruction * len(steps))(*steps)
    program = _Program(len(steps), instructions)
    library = ctypes.CDLL(None, use_errno=True)
    for words in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)):
        if library.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def why_not() -> str:
    """Say why sockets cannot be forbidden here; empty where they can."""
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES:
        return "system calls are filtered on Linux on x86-64 and ARM only"
    child = os.fork()
    if child == 0:
        try:
            forbid_sockets()
        except OSError:
            os._exit(1)
        os._exit(0)
    return "this system refuses filters of system calls" if os.waitpid(child, 0)[1] else ""
