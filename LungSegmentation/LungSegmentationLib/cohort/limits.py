"""Limits of runs over many scans, each with where it comes from."""

# --- Memory ---
# Measured with `make studies` (Testing/Baselines/cohort.csv): the peak of a scan's process, images, tables and report included.
BASE_BYTES, BYTES_PER_VOXEL_RATIO, BYTES_PER_VOXEL_WITH_VESSELS_RATIO = 450_000_000, 14.0, 24.0
# Reasoned: of the memory that is free; the rest is for the system, the scheduler and what else runs.
USED_MEMORY_SHARE = 0.8
# Reasoned: so many scans fit beside each other; the few that are larger run alone.
MOST_SCANS_SHARE = 0.9

# --- Waiting ---
# Reasoned: a chest CT takes seconds to a few minutes; what takes half an hour hangs.
DEFAULT_TIMEOUT_SECONDS = 1800.0
# Reasoned: a worker that was killed once met a busy machine; one that was killed three times meets the scan.
DEFAULT_RETRIES_COUNT = 2
# Reasoned: the process that serves a worker's scans ends a scan itself; it is given this much longer before it is ended too.
SERVER_GRACE_SECONDS = 30.0

# --- Repeatability ---
# QIBA Profile, Computed Tomography: Lung Densitometry (2020), claims without volume adjustment: smaller changes of one patient between two
# scans of one scanner and protocol are no sign of more emphysema, with 95 % probability.
PERCENTILE_15_REPEATABILITY_HU, LAA_950_REPEATABILITY_PERCENT = 18.0, 3.7
