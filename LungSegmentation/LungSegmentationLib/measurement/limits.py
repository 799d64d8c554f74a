"""Limits of the measures, each with where it comes from."""

from ..anatomy.limits import EMPHYSEMA_BELOW_HU

# --- Density ---
# Percentiles that the literature asks for: 15 for emphysema (Parr et al., Am J Respir Crit Care Med 2004, 170:883-890); the others describe
# the distribution.
PERCENTILES = (1, 5, 10, 15, 50, 85, 95)
# Emphysema (Gevenois et al. 1995), Müller et al. 1988, and on expiration air trapping (Schroeder et al. 2013); interstitial change (Lederer
# et al. 2009).
LOW_ATTENUATION_HU, HIGH_ATTENUATION_HU = (EMPHYSEMA_BELOW_HU, -910, -856), (-600, -250)
# Reasoned: lung from air to soft tissue, in bins that noise leaves smooth.
HISTOGRAM_HU, HISTOGRAM_BIN_HU = (-1030, 110), 5

# --- Trachea ---
# Reasoned: at the carina the trachea widens into the bronchi, and at its top a label often tapers off; of a short piece all is measured.
TRACHEA_END_MM, SHORTEST_WITH_ENDS_MM = 10.0, 40.0

# --- Surface area ---
# Reasoned: longer steps sample directions more evenly and miss more at edges: no longer than so many sides (the longest of the voxel)
# and so many mean chords of the region. Up to the third a step is short against the region, and the extrapolation to no step holds.
LONGEST_STEP_SIDES_RATIO, LONGEST_STEP_CHORDS_RATIO, SHORT_STEP_CHORDS_RATIO = 3.0, 0.4, 0.3
# Reasoned: voxels a hundred times as long as wide would have millions of steps: these are the shortest of them.
FARTHEST_STEP_VOXELS, MOST_STEPS_COUNT = 40, 300
# Reasoned: so many directions along each edge of an octant show the worst direction of a choice of steps.
NORMALS_PER_EDGE_COUNT = 24
