"""Stand-in for Slicer's application layer over the real MRML scene and logics of ``slicer-core``.

The nodes, logics, readers and writers are Slicer's own; only what the application adds around them
(``slicer.app``, ``slicer.modules``, resource files) is made here, as small as the tests need it.
"""
