"""Stand-in for Slicer's application layer over the real MRML scene and logics of ``slicer-core``.

The nodes, logics, readers and writers are Slicer's own; only what the application adds around them
(``slicer.app``, ``slicer.modules``, resource files) is made here, as small as the tests need it.

Above that lies Qt: real widgets of PySide6, which ``pythonqt`` makes follow the rules of Slicer's Qt binding, ``ctk`` and
``mrml_widgets`` with the widgets that a panel needs, and ``slicer_python`` with Slicer's own Python packages, rewritten as far
as a scripted module needs them. Where the environment variable SLICER_PYTHON_SOURCE names the folder ``Base/Python/slicer``
of Slicer's source, Slicer's own packages take their place: the tests in Testing/Module pass on both.

``application.start()`` starts it all, ``modules.loadModule(path)`` loads a module file. What it can not speak for: menus,
toolbars and the main window, pictures of slice and 3D views, and installing packages.
"""
