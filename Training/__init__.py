"""Training of the network method's models; never installed, and nothing of the engine imports it."""

import LungSegmentationLib  # noqa: F401  first, because it switches off what other packages send of themselves
