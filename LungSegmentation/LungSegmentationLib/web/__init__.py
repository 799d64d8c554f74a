"""Pages that work in a browser, offline: how they are put together, and what they hold of a scan."""
