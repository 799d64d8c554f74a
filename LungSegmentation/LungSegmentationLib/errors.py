"""Errors that a user can mend: each says what was wrong, the value, and what would be right."""


class LungSegmentationError(Exception):
    """Base of all errors that the engine raises on purpose."""


class InputError(LungSegmentationError, ValueError):
    """The image, a parameter or an argument cannot be used as it is."""


class OutputError(LungSegmentationError, OSError):
    """A result could not be written; nothing half-written is left behind."""


class ModelError(LungSegmentationError, ValueError):
    """A network or its card cannot be used as it is, or the network gives what its card does not promise."""
