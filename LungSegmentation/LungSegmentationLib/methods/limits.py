"""Limits of the methods: the defaults of their parameters, and what no parameter sets; each with where it comes from."""

from ..anatomy.limits import LUNG_BELOW_HU
from ..scan_field.limits import LOWEST_CT_HU

# --- The border: defaults of every method ---
# Reasoned: as the anatomy's limit: half way between lung and soft tissue.
THRESHOLD_HU = float(LUNG_BELOW_HU)
# Reasoned: segmental vessels and nodules of up to twice the radius are filled in; a larger ball would fill the angles between lung, heart
# and diaphragm.
CLOSING_RADIUS_MM = 8.0

# --- Threshold and outlines ---
# Reasoned: no outline is darker on average, so that the limit is off by default.
LOWEST_MEAN_HU = float(LOWEST_CT_HU)
# As published: 2000 pixels, which are 1233 mm² there (N. Adaloglou, Introduction to medical image processing with Python, 2021).
SMALLEST_OUTLINE_MM2 = 1200.0
# Reasoned: noise and bowel hang together over fewer slices; apex and recesses over more.
SHORTEST_REGION_MM = 8.0
# Reasoned: a lower slab holds no length of trachea to recognise it by. The anatomy's smallest volumes are meant for chests: to them it
# counts as if it were of the second height.
LOWEST_CHEST_MM, SLAB_COUNTS_AS_MM = 20.0, 50.0

# --- Contour tracking ---
# As published, with pixels counted as 0.7 mm: 25 pixels of table, a box of 30 pixels, and the Jaccard index above which a contour goes on
# (F. Hartmann and Y. B. Tanriverdi, Lung segmentation in 3D CT scans, 2023).
TABLE_WIDTH_MM, FILLING_BOX_MM, JACCARD_SHARE = 17.5, 21.0, 0.1
# Reasoned: two lungs, in pieces at apex, base and around disease, and the trachea; the published four lose pieces.
MOST_CONTOURS_COUNT = 12
# Reasoned: a region at the edge of the view is kept whole where the coarse mask keeps less of it; at the edge the mask knows nothing.
LEAST_KEPT_SHARE = 0.97

# --- The network's opinion of another method's result ---
# Reasoned: dense tissue that is worth a finding is 30 mL, a ball 38 mm across; slices so far apart show four of it.
OPINION_SLICE_MM = 9.0
