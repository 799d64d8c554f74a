"""What a page holds of a scan, each limit with where it comes from."""

# --- Grey values ---
# By definition the lowest value of a 12-bit CT; up to the values of contrast medium in vessels. Bone is shown white.
DARKEST_HU, BRIGHTEST_HU = -1024, 500

# --- Borders ---
# By convention half of a cell. Of a cell that is several voxels large, a vessel counts from a quarter on: of 2 x 2 mm, a vessel of 1.1 mm
# takes so much, and thinner ones are seen as cells between others.
BORDER_SHARE, THIN_BORDER_SHARE = 0.5, 0.25

# --- Voxels ---
# Reasoned: the outlines of lungs and of vessels from about 2 mm on can be judged, and a page of a usual scan stays below 2.5 MB.
SHOWN_VOXEL_MM = 2.0
# Reasoned: beyond the lungs, enough of chest wall, neck and abdomen to see what was missed beside them.
SHOWN_MARGIN_MM = 20.0
# Reasoned: more voxels (a whole body without lungs) are shown coarser, so that a page stays small and quick.
MOST_SHOWN_VOXELS = 5_000_000
