"""Limits of the quality flags, in one place, each with where it comes from.

Where no source is named the limit is reasoned: it lies outside what healthy adults show, and a value
beyond it changes volumes or densities by more than a reader would accept unseen.
"""

# Field of view: the limit that segmentation warns at. On a slice of 5 mm it costs 1.5 mL of lung.
CUT_MM2 = 300.0

# Total lung capacity of adults of 1.5 to 2.0 m is 3.1 to 10 L within two standard deviations (Quanjer et al., Eur Respir J
# 1993, 6 Suppl 16:5-40). Supine, short of full inspiration, and with disease it is less; the tissue is in the volume too.
VOLUME_NOTE_ML = (1800.0, 10500.0)

# The right lung has 53 to 55 % of the volume in health; the heart, a lobectomy or a raised diaphragm move it by some 8 %.
# Beyond 40 and 67 % segmentation warns too.
RIGHT_SHARE_REVIEW_PERCENT, RIGHT_SHARE_FAIL_PERCENT = (40.0, 67.0), (25.0, 80.0)
SMALLEST_SIDE_ML = 50.0

# The junction lines, at which only four layers of pleura lie between the lungs, are within 30 mm of the midline, in emphysema too.
# Beyond, the lungs do not touch; the smallest piece of 20 mL that is cut off has a cut of some 500 mm².
JUNCTION_HALF_WIDTH_MM, CONTACT_REVIEW_MM2 = 30.0, 500.0

# Trachea (about 25 to 45 mL in adults), main and lobar bronchi together stay below 120 mL.
AIRWAYS_REVIEW_ML, AIRWAYS_FAIL_ML = 120.0, 250.0
# Inside an airway, away from its wall, air is within noise of the trachea's; a tenth above it by so much is lung.
LEAK_ABOVE_TRACHEA_HU = 80.0
LEAK_REVIEW_PERCENT, LEAK_FAIL_PERCENT = 10.0, 30.0

# The trachea is 100 to 120 mm long, with an area of some 100 to 450 mm² (Breatnach et al., AJR 1984, 142:903-906); half of it
# lies in the chest.
SMALLEST_TRACHEA_MM2, SHORTEST_TRACHEA_MM = 40.0, 35.0

# Air is -1000 HU by definition. Scatter and reconstruction lift it by up to some 40 HU inside the body; a shift moves emphysema
# scores with it (Parr et al., Am J Respir Crit Care Med 2004, 170:883-890).
AIR_NOTE_HU = 50.0

# Twenty real scans, low dose and sharp kernels among them, measured 13 to 44 HU in the trachea. Noise moves emphysema indices up
# (Schilham et al., IEEE Trans Med Imaging 2006, 25:451-463) and frays the border.
NOISE_NOTE_HU = 60.0

# Thicker slices average lung with vessel and chest wall; volumetry and densitometry ask for 3 mm at most.
SLICE_NOTE_MM = 3.0

# Blood and heart muscle without contrast medium measure 30 to 60 HU.
BLOOD_NOTE_HU = 85.0

# At full inspiration the mean of a healthy lung is near -850 HU. In expiration it rises above -750 HU, and the tracheal
# membrane, flat or convex before, bows inwards (Stern et al., Radiology 1993, 187:27-31).
EXPIRATION_NOTE_HU, EXPIRATION_WITH_BOWING_HU, BOWING_MM = -700.0, -780.0, 1.0

# Soft tissue where the other side has lung: up to 75 mL on scans of healthy lungs (a turned patient, a raised diaphragm, fat).
MISSING_REVIEW_ML = 80.0

# A piece that is worth a look, and one that changes what a reader concludes: a tenth and a seventh of a lobe's smallest segment counts
# as a gross error where results are compared with references.
SMALLEST_FINDING_ML, GROSS_ML = 20.0, 30.0
# Of the trachea's 25 to 45 mL; its border may be off by a voxel.
TRACHEA_IN_LUNG_ML = 8.0
# Lung, also emphysematous, is less dark than gas by more than this; single voxels apart.
GAS_MARGIN_HU = 30.0

# Share of the lungs' soft tissue that the network's own probabilities do not vouch for. Scans left out of training whose lungs
# agreed well with their references stayed below it.
UNCERTAINTY_REVIEW_PERCENT = 3.0
