"""Limits of the quality flags, each with where it comes from.

Where no source is named the limit is reasoned: it lies outside what healthy adults show, and a value
beyond it changes volumes or densities by more than a reader would accept unseen.
"""

from ..anatomy.limits import RIGHT_SHARES

# --- The coarse sample ---
# Reasoned: a finding is 30 mm and more across; voxels so far apart show it at a hundredth of the cost.
SAMPLE_MM = 4.0
# Reasoned: aerated lung, with the partial volume and the vessels that the sample's medians hold: 100 HU more than
# anatomy's limit, which has to tell lung from the partial volume of a thin wall on finer blocks.
AERATED_BELOW_HU = -500
# Reasoned: soft tissue and consolidation, with the partial volume of the sample; fat is in it, ground glass is not.
DENSE_ABOVE_HU = -300
# Reasoned: thinner than twice this are single rows of the sample (air), and vessels, bronchial walls and the blur of the border (tissue).
AIR_OPENING_MM, DENSE_OPENING_MM = 4.0, 5.0
# Reasoned: fewer voxels say nothing of a median.
FEWEST_VOXELS = 30

# --- Sizes of findings ---
# Reasoned: a piece that is worth a look, and one that changes what a reader concludes: a tenth and a seventh of a lobe's smallest segment
# counts as a gross error where results are compared with references.
SMALLEST_FINDING_ML, GROSS_ML = 20.0, 30.0
# Reasoned: on voxels of 4 mm the median and the opening take up to a fifth of a piece of 30 mL away.
ALONE_ML = 0.8 * GROSS_ML

# --- The image's ends ---
# Reasoned: over so many mm before a cut a lung's area shrinks as it goes on to behind it. Slices of a fill so far apart show its contact.
TAPER_MM, FILL_SLICES_MM = 20.0, 3.0

# --- Volumes and sides ---
# Total lung capacity of adults of 1.5 to 2.0 m is 3.1 to 10 L within two standard deviations (Quanjer et al., Eur Respir J
# 1993, 6 Suppl 16:5-40). Supine, short of full inspiration, and with disease it is less; the tissue is in the volume too.
VOLUME_NOTE_ML = (1800.0, 10500.0)
# Reasoned: the right lung has 53 to 55 % of the volume in health; the heart, a lobectomy or a raised diaphragm move it by some 8 %. A
# review where segmentation warns too.
RIGHT_SHARE_REVIEW_PERCENT = (100 * RIGHT_SHARES[0], 100 * RIGHT_SHARES[1])
# Reasoned: no lobectomy leaves so little of a side: it is lost, or was not found.
RIGHT_SHARE_FAIL_PERCENT = (25.0, 80.0)
# Reasoned: the junction lines, at which only four layers of pleura lie between the lungs, are within 30 mm of the midline, in emphysema
# too. Beyond, the lungs do not touch; the smallest piece of 20 mL that is cut off has a cut of some 500 mm².
JUNCTION_HALF_WIDTH_MM, CONTACT_REVIEW_MM2 = 30.0, 500.0
# Measured on whole scans: trachea and bronchi lie above the middle of the lungs by 50 mm or more, on parts of scans never below it.
AIRWAYS_BELOW_LUNGS_MM = 20.0
# Reasoned: middles of the two lungs lie some 150 mm apart, that of a single one 75 mm from the body's middle; a mixture of both sides lies
# between.
LUNGS_APART_MM, LUNG_OFF_MIDDLE_MM = 40.0, 30.0

# --- Airways ---
# Reasoned: trachea (about 25 to 45 mL in adults), main and lobar bronchi together stay below 120 mL.
AIRWAYS_REVIEW_ML, AIRWAYS_FAIL_ML = 120.0, 250.0
# Reasoned: farther from the wall than partial volume and the scanner's blur reach; on coarse voxels that is a voxel deep.
AIRWAY_DEPTH_MM, AIRWAY_DEPTH_VOXELS = 3.0, 1.2
# Reasoned: inside an airway, away from its wall, air is within noise of the trachea's; what lies above it by so much is lung.
LEAK_ABOVE_TRACHEA_HU = 80.0
# Reasoned: noise lifts some voxels by as much, but not a tenth of them; with a third of lung the airways' volume does not hold.
LEAK_REVIEW_PERCENT, LEAK_FAIL_PERCENT = 10.0, 30.0
# Reasoned: in the stumps of two bronchi, where the scan ends below the carina, that tenth is a handful of voxels; what leaks into the lung
# is wide.
LEAK_JUDGED_FROM_ML = 2.0
# Reasoned: where only a stump of the airways is in the scan, two ways to look at it differ at its edges, not in half of it.
TRACHEA_MISSED_SHARE = 0.5
# The trachea is 100 to 120 mm long, with an area of some 100 to 450 mm² (Breatnach et al., AJR 1984, 142:903-906); half of it
# lies in the chest. Larger than the smallest tube that anatomy takes for a trachea, which admits children.
SMALLEST_TRACHEA_MM2, SHORTEST_TRACHEA_MM = 40.0, 35.0
# Reasoned: of the trachea's 25 to 45 mL; its border may be off by a voxel.
TRACHEA_IN_LUNG_ML = 8.0
# Reasoned: airways that are labelled, with their wall, on voxels of 4 mm, partial volume included.
AIRWAY_WALL_MM = 6.0

# --- Gas in the lungs ---
# Reasoned: stomach and colon lie in the lower half of the lungs' height, with no lung under them; a bulla has some on most of its sides.
# The share is larger than the one with which anatomy takes gas out: a flag may ask for a look where that must be sure.
GAS_LOWER_PART_SHARE, LUNG_BELOW_GAS_SHARE = 0.45, 0.3
# Reasoned: the gas's own blurred border, two voxels of the sample, is not lung.
GAS_RIM_MM = 8.0
# Reasoned: free air reaches a little beyond the lungs.
BEYOND_LUNGS_MM = 20.0
# Reasoned: a bulla at the chest wall has no lung on this side; one in the middle of emphysema has lung all around.
SOLID_SHARE = 0.1

# --- Lung that was left out ---
# Reasoned: lung that was left out borders on lung without a wall between them over more than this share of its surface; bowel never does.
OPEN_SHARE = 0.1
# Reasoned: where the other side has lung, a heart and mediastinum that lie farther to one side leave a layer of soft tissue thinner than
# twice this; a missing mass is thicker.
MISSING_OPENING_MM = 8.0
# Measured: the thicker soft tissue where the other side has lung, up to 48 mL on right results of 26 scans that no training saw.
MISSING_REVIEW_ML = 50.0
# Reasoned: between mirrored lung and what is compared with it: normal asymmetry of the wall, of the mediastinum, of the diaphragm.
WALL_MARGIN_MM, MEDIASTINUM_HALF_WIDTH_MM, DIAPHRAGM_MARGIN_MM = 6.0, 30.0, 30.0
# Reasoned: of the lungs' height, above the heart.
UPPER_PART_SHARE = 0.55

# --- Dense tissue as lung ---
# Reasoned: half of a piece must be vouched for; of a hilum, which is neither surrounded nor mirrored, two thirds of the surface is lung,
# of the aorta, the heart, a hernia or the diaphragm half at most, because the rest of each lies in the mediastinum or the abdomen.
VOUCHED_SHARE, CONTACT_SHARE = 0.5, 0.65
# Reasoned: fat measures -130 to -50 HU, and half of a piece of colon and omentum is fat; consolidated lung is at 0 to 100 HU in its depth.
FAT_HU, FAT_SHARE, FAT_DEPTH_MM = (-140, -40), 0.5, 4.0
# Reasoned: noise of single voxels stays below this; consolidation with gas in it, of fat's mean density, is hundreds of HU uneven.
FAT_UNEVENNESS_HU = 100.0
# Measured on 21 references and 54 results of 26 other scans: at most 1.0 mL of dense left lung lies to the right of the aorta's middle,
# before it or beside it. A part of a hernia or of the heart that reaches so far is larger.
MEDIAL_OF_AORTA_ML = 3.0
# Reasoned: a piece of the aorta reaches beyond the tube that is found, and that tube into the piece's neighbours.
AORTA_SHARE = 0.4

# --- The network's own word ---
# Reasoned: as likely as not; what lies within is no answer.
UNSURE_PROBABILITY_SHARES = (0.3, 0.7)
# Reasoned: what the network gives less is no lung by its answer, however its slices were averaged.
SURELY_NO_LUNG_SHARE = 0.1
# Measured: share of the lungs' soft tissue that the network's own probabilities do not vouch for. On 57 scans that its training had left
# out, results that were right to 30 mL had at most 1.28 %, results with a larger piece missed or added 1.45 % and more.
UNCERTAINTY_REVIEW_PERCENT = 1.35

# --- Notes on the scan ---
# Measured on twenty real scans, low dose and sharp kernels among them: 13 to 44 HU in the trachea. Noise moves emphysema indices up
# (Schilham et al., IEEE Trans Med Imaging 2006, 25:451-463) and frays the border.
NOISE_NOTE_HU = 60.0
# Reasoned: thicker slices average lung with vessel and chest wall; volumetry and densitometry ask for 3 mm at most.
SLICE_NOTE_MM = 3.0
# Reasoned: blood and heart muscle without contrast medium measure 30 to 60 HU.
BLOOD_NOTE_HU = 85.0
# Reasoned: the heart's height, of the lungs' height above their lowest slice: it begins higher than where the heart's side is looked for,
# so that liver and diaphragm do not count. What is counted is neither fat nor calcified.
HEART_HEIGHT_SHARES, HEART_TISSUE_HU = (0.25, 0.65), (0, 450)
# At full inspiration the mean of a healthy lung is near -850 HU. In expiration it rises above -750 HU, and the tracheal
# membrane, flat or convex before, bows inwards (Stern et al., Radiology 1993, 187:27-31).
EXPIRATION_NOTE_HU, EXPIRATION_WITH_BOWING_HU, BOWING_MM = -700.0, -780.0, 1.0
# Reasoned: cross-sections on which the membrane shows, neither a collapsed one nor the carina, and so many pixels wide.
BOWING_TRACHEA_MM2, BOWING_FEWEST_PIXELS = (60.0, 800.0), 5
# Reasoned: its middle fifth is compared with a fifth around each quarter of the width.
BOWING_PART_SHARE, BOWING_QUARTER_SHARE = 0.1, 0.25

# Measured on 21 real scans, both lungs of each: 2 to 8 %, the most in expiration, and 18 % in one lung with scars and consolidation.
VESSELS_NOTE_PERCENT = 12.0

# --- Findings said once ---
# Reasoned: two flags mean the same piece where their boxes share half of the smaller one.
SAME_PLACE_SHARE = 0.5
