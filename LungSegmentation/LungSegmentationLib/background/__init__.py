"""The engine in a process of its own, for a window that must not stand still: its jobs, its protocol, its files."""
