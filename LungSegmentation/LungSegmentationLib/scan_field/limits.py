"""Limits by which measured voxels are told from fill, each with where it comes from."""

# --- The scale ---
# Air is -1000 HU by definition (G. N. Hounsfield, Br J Radiol 46, 1973).
AIR_HU = -1000.0
# Scatter and reconstruction lift air by up to some 40 HU inside the body; a shift moves emphysema scores with it (Parr et al.,
# Am J Respir Crit Care Med 2004, 170:883-890). What is farther from -1000 HU is no air, or the scale is shifted.
AIR_WITHIN_HU = 50.0
# Reasoned: half way between air and soft tissue (near 0 HU), where the border between them lies whatever the scan's blur.
AIR_BELOW_HU = -500
# By definition the lowest value of a 12-bit CT. Below it lie fills, and noise of scanners that do not clip.
LOWEST_CT_HU = -1024

# --- Values that fill ---
# Reasoned: noise of 3 HU, less than any chest CT has, leaves no value with more than 13 % of one tissue, and none fills two thirds of a
# chest.
RARE_VALUE_SHARE = 0.1
# Reasoned: streaks beside metal, and voxels that hold skin and air, are so few of all; noise is more.
STREAKS_SHARE, NOISE_TAIL_HU = 0.001, 10
# Reasoned: a smaller part of a slice hides nothing, and a few pixels of noise may be equal by chance.
SMALLEST_FILL_SHARE = 0.001
# Reasoned: noise never keeps the values of a patch over so many slices; in fewer the patch must have one value.
ENOUGH_SLICES = 8

# --- Fills that move, and fills that cut ---
# Reasoned: so few slices are looked at together that a fill which moves shows in some, so many that noise is never uniform.
MOST_BLOCKS_COUNT = 16
# Reasoned: a fill that moves is looked for in slices where so much of the field's edge is constant, and where it takes so much more of
# the image.
MOVED_RIM_SHARE, MOVED_FILL_SHARE = 0.02, 0.01
# Reasoned: what a fill cuts is met along the fill's edge in a quarter of the slices and more; a body's outline is widest in a few.
CUT_SLICES_SHARE, SHORTEST_CUT_MM = 0.25, 30.0
# Reasoned: a mean of fill and air is below the lowest value of a CT and shows a resampled edge. So many of the voxels at the edge; noise
# of 90 HU brings 0.1 % so low. A quarter of the way down to the fill is out of reach of air's noise.
MIXED_EDGE_SHARE, MIXED_DEPTH_SHARE = 0.02, 0.25
# Reasoned: as many slices, evenly spread, hold every tissue.
SAMPLED_SLICES = 24
