"""Nothing leaves the computer: what a package would send by itself is switched off before that package is imported."""

import os


def switch_off_telemetry() -> None:
    """Tell ONNX Runtime to send no usage events, and to keep no device number and no queue of events.

    Its releases of 2026 (1.29 and later) do so on Linux and macOS too, from the moment of their import, so that a call of
    theirs comes too late. The variable is what they ask first, and processes that this one starts inherit it.

    References
    ----------
    ONNX Runtime, Privacy.md, "Disabling Telemetry", in the folder of the installed package.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
