"""Thousands of scans by one command: what there is, which are done, and the rest on workers of Dask, a process for each scan."""
