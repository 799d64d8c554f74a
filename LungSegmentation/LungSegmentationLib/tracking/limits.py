"""Limits of outlines and of what is followed from slice to slice, each with where it comes from."""

# --- Outlines ---
# Reasoned: beyond the edge of the image, and where air must not get an outline, soft tissue (muscle without contrast medium) is assumed.
SOFT_TISSUE_HU = 40

# --- The coarse mask ---
# The published median filter covers 5 pixels of 0.7 mm (F. Hartmann and Y. B. Tanriverdi, Lung segmentation in 3D CT scans, 2023): the mean
# of a block of that size takes its place.
MASK_BLOCK_MM = 3.5
# Reasoned: most of a region has the body around it where it lies in the body.
ENCLOSED_SHARE = 0.5

# --- What continues a region ---
# Reasoned: the published thresholds were chosen on slices at most this far apart (the VESSEL12 scans).
JACCARD_SLICE_MM = 1.0
# As published: where one region splits into two or two merge into one, so that the areas are about 2 to 1, a third of the threshold.
SPLIT_OR_MERGE_SHARE, SPLIT_OR_MERGE_TOLERANCE_SHARE = 1 / 3, 0.3

# --- What is surely lung ---
# Reasoned: children's lungs may be smaller than the largest trachea of all, so a share of the largest region will do.
LUNG_ABOVE_SHARE = 0.25
# Reasoned: most of a fragment lies over, or under, lung.
COVERED_SHARE = 0.5
