"""``python -m LungSegmentationLib``: the command line."""

import sys

from .commands.process import main

sys.exit(main())
