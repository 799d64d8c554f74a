"""Stand-in for ``slicer.parameterNodeWrapper``: typed parameters of a module, kept in its parameter node and tied to widgets.

Values are stored in the node exactly as Slicer stores them, so that a scene of one opens in the other. Types: bool, int,
float, str, pathlib paths, enumerations, MRML nodes, lists, tuples, dictionaries and unions of these. What Slicer has beyond
that (parameter packs, ranges, colours, ``typing.Any``) is not here, and a class that asks for it fails to be made.
"""

from .annotations import *  # noqa: F403
from .connectors import *  # noqa: F403
from .serializers import *  # noqa: F403
from .wrapper import *  # noqa: F403
