"""Limits of the trees, each with where it comes from."""

# --- Centrelines ---
# Reasoned: what reaches less far from the middle line than its vessel's surface, half a radius and a slab more, is no branch but the
# mask's roughness.
SPUR_RADII_RATIO, SPUR_SLABS_COUNT = 1.5, 1.0
# Reasoned: a slab with fewer voxels than this share of a cross-section's lies to one side of the branch, or in its round end.
WHOLE_SLAB_SHARE = 0.6
# Reasoned: beyond a radius from a fork a branch runs straight for some radii; nearer its middle is drawn to its siblings.
STRAIGHT_FROM_RADII_RATIO, STRAIGHT_TO_RADII_RATIO = 1.0, 4.0
# Reasoned: a front splits up to two radii beyond the fork of the middle lines.
FORK_MOVES_RADII_RATIO = 2.0
# Reasoned: holds a fork near the place where the front splits where its branches' lines say little, as in a slight bend.
FORK_HOLD_WEIGHT = 0.05
# Reasoned: a line needs some points, however thin the branch.
STRAIGHT_SLABS_COUNT = 3.0

# --- Vessels ---
# Reasoned: beyond, the area of the cross-section by density only says that a vessel is wide (see vessels/cross_sections.py).
WIDE_FROM_MM2 = 20.0
# Reasoned: vessels end in the periphery when they are thinner than a millimetre; an end as thick as a segmental artery is where the lung
# was cut off at the hilum.
THICK_FROM_MM = 2.0
# Reasoned: about the radii of subsegmental and of segmental arteries, so that the first class holds what lies beyond them.
CLASSES_FROM_MM = (1.0, 2.0)

# --- Airway walls ---
# Reasoned: beyond a radius from a fork a branch has a wall of its own all around.
WALL_FROM_RADII_RATIO = 1.0
# Reasoned: with fewer rays a wall beside a vessel would have too few; steps are a third of the smallest voxel.
RAYS_COUNT, RAY_STEP_MM = 24, 0.2
# Reasoned: bronchial walls are up to 2.5 mm thick, and blur widens them: the lung beyond begins within the second of the wall's top, and
# within the third of the lumen's edge.
THICKEST_WALL_MM, LUNG_WITHIN_MM, WALL_REACH_MM = 3.0, 4.0, 7.0
# Reasoned: noise makes tops that another one beside them exceeds; the next vessel's middle is farther.
TOP_BESIDE_MM = 0.6
# Reasoned: the thinnest walls that are seen at all rise by this from the lumen.
LEAST_WALL_HU = 100.0
# Reasoned: where the density falls by less than this share of its rise from the lumen, a vessel or the mediastinum lies beyond.
FREE_WALL_SHARE = 0.5
# Reasoned: a third of the wall's way round still shows its thickness, and several cross-sections that it is no accident.
FEWEST_RAYS_SHARE, FEWEST_SECTIONS_COUNT = 0.33, 2
# Reasoned: air; and soft tissue without much contrast medium, as muscle and cartilage are. 30 HU more or less change a wall by 3 %.
AIR_IN_BRONCHI_HU, WALL_TISSUE_HU = -1000.0, 30.0
# By definition (Nakano et al. 2005). Reasoned: a line through fewer airways than six says little.
PI10_PERIMETER_MM, FEWEST_WALLS_COUNT = 10.0, 6

# --- Airways beyond the label ---
# Reasoned: the lumen of small bronchi is darker than lung, which near them is -900 HU and more where it is not destroyed; the flood ends
# where it spills.
GROWN_FROM_HU, GROWN_TO_HU, GROWN_STEP_HU = -1010, -800, 10
# Reasoned: the segmental bronchi and their branches that a CT shows hold some mL; a step of the threshold adds a part of that, and spilt
# into the lung much more.
MOST_GROWN_ML, MOST_GAIN_ML = 40.0, 3.0
# Reasoned: on most of its way round a bronchus has a wall that is denser than its lumen, within a wall's thickness and the blur; lung
# into which the flood spilt has vessels here and there.
WALL_WITHIN_MM, WALL_RISE_HU, WALLED_SHARE = 2.6, 120.0, 0.7
# Reasoned: as many rays and samples as leave no gap of a voxel round a bronchus of that size.
WALL_RAYS_COUNT, WALL_SAMPLES_COUNT = 16, 7
# Reasoned: where a bronchus enters the lung, its air may belong to neither label; as far as a wall is thick, air beside the airways is
# theirs.
GAP_MM = 4.0
