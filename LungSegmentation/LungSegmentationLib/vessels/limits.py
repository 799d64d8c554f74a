"""Limits of the vessels and their calibres, each with where it comes from.

Brightness is a part of blood's contrast: 0 in the parenchyma nearby, 1 in blood.
"""

# --- What is vessel: defaults of the rules ---
# Half way between air and soft tissue, as published for the rule threshold (N. Adaloglou, Introduction to medical image processing with
# Python, 2021).
THRESHOLD_HU = -500.0
# Reasoned: pleura and airway walls are 1 mm thick, and a voxel's blur more. As far again, voxels are brightened by their share of the
# tissue beyond.
BORDER_MM, AIRWAY_WALL_MM, DOUBTFUL_MM = 1.5, 1.5, 1.5
# Measured on noise of 20 to 60 HU, white and correlated, with voxels of 0.7 to 2 mm: in standard deviations of the noise in its second
# derivatives, one voxel in a thousand answers as a tube with 2.2 to 3.5, none of a million with more than 6.7.
WEAKEST_TUBE_RATIO, STRONG_TUBE_RATIO = 3.0, 7.0
# Reasoned: vessels inside the lungs have a radius of up to 6 mm; what holds a larger ball is consolidation or mass.
LARGEST_RADIUS_MM = 7.0
# Reasoned: shorter separate pieces are noise, and ends of vessels whose course is not seen.
SHORTEST_VESSEL_MM = 8.0

# Measured on made-up trees (Testing/Benchmarks/vessel_block.py): a tube as wide as a scale looks for, and wider than the thinnest, is as
# bright as blood, and answers with up to 0.37.
WIDE_TUBE_SHARE = 0.1
# Reasoned: a tube whose radius is shorter than the longest side of a voxel is not as bright as blood in it.
RESOLVED_VOXELS = 0.9

# --- Contrast ---
# Reasoned: blood without contrast medium measures 30 to 60 HU.
BLOOD_HU = 40.0
# Reasoned: at full inspiration the mean of a healthy lung is near -850 HU.
USUAL_LUNG_HU = -850.0
# Reasoned: the parenchyma's density is averaged over more than the widest vessel, and less than a lobe; a third of that is fine enough a
# grid. With less aerated lung near than this share the average says nothing.
BACKGROUND_SIGMA_MM, BACKGROUND_STEP_MM, BACKGROUND_LEAST_SHARE = 10.0, 3.5, 0.02

# --- Scales of the tube filter ---
# Reasoned: a tube answers most where its radius is √2 times the blur: radii of 1 to 6 mm, in steps between which no tube is missed.
SMALLEST_SIGMA_MM, LARGEST_SIGMA_MM, SCALE_RATIO = 0.7, 4.3, 1.6
# Reasoned: no smaller than half a voxel's side shows, but thick slices do not take thin vessels in the slices' plane away.
SMALLEST_SIGMA_VOXELS, LARGEST_SMALLEST_SIGMA_MM = 0.45, 1.1
# Reasoned: what is blurred as much loses nothing on blocks of this size.
COARSE_VOXEL_MM = 1.75
# Reasoned: with a standard kernel half the contrast is left at 3.7 line pairs per cm; this blur leaves as much.
SCANNER_SIGMA_MM = 0.5
# Sato's exponent and weight: how fast the answer falls from a tube to a plate, and where a tube narrows or forks (Sato et al., Medical
# Image Analysis 2 (1998) 143).
PLATE_EXPONENT, SADDLE_WEIGHT = 0.5, 0.25

# Reasoned: across a tube's direction it falls as steeply to all sides; neighbours, forks and thick slices make up to the half of it.
LEAST_ROUNDNESS_RATIO = 0.4

# --- Which voxels belong to a tube ---
# Reasoned: what is fainter is noise.
FAINTEST_SHARE = 0.05
# Reasoned: within this distance of any of its voxels, a vessel is as bright as it gets nearby.
HEIGHT_REACH_MM = 2.0
# Reasoned: by so much noise raises the highest of the voxels nearby, in the faintest vessels.
NOISE_ON_TOP_SHARE = 0.01
# Reasoned: a tube's radius where it answers most, and a third more, so that its rim is reached.
REACH_RATIO = 1.35
# Reasoned: at the rim of a tube that answers most at a blur, the image of that blur is 0.35 bright.
RIM_SHARE = 0.3
# Reasoned: from the rim of a wide vessel the reach ends short of its middle: the height found is a little low, and the level with it. In
# thin vessels, which the exponent spares, it is not.
RIM_SEEN_SHARE, RIM_EXPONENT = 0.06, 8
# Reasoned: near the pleura and airway walls a voxel has to be nearly half as bright as blood.
LEVEL_IN_DOUBT_SHARE = 0.42

# --- Noise ---
# Reasoned: dense enough to know the noise of a cube, which is as large as noise is even: shoulders, the mediastinum's shadow.
NOISE_STEP_MM, NOISE_CUBE_MM, FEWEST_SAMPLES_COUNT = 2.0, 30.0, 100
# Reasoned: brighter places are vessels.
BRIGHTEST_PARENCHYMA_SHARE = 0.15
# Reasoned: the parenchyma's own texture, vessels that voxels do not resolve, grows with the voxel's side; at 0.7 mm it is as much as noise
# of 13 HU.
LEAST_NOISE_SHARE_PER_MM = 0.0028

# --- Ends that are followed ---
# Reasoned: a ball that holds enough of a thin vessel to know its direction; at an end the middle of what it holds is half its radius away.
END_REACH_MM, END_OFF_MIDDLE_RATIO = 2.5, 0.3
# Reasoned: as long as a vessel is hidden by a neighbour or by noise.
LONGEST_GAP_MM, LONGEST_WAY_MM, LINKING_ROUNDS_COUNT = 3.0, 12.0, 2
# Reasoned: one step turns by at most 50 degrees, and the direction follows the steps slowly.
LEAST_COSINE, BENDING_WEIGHT = 0.64, 0.35
# Reasoned: in standard deviations of the noise in the second derivatives, which is about half of that in the image: two of the latter.
FAINTEST_RATIO = 4.0

# --- Nodules ---
# Measured on made-up nodules (Testing/Benchmarks/vessel_lookalikes.py), as the next ones: a nodule ends where half of the brightness in its
# middle is left; where its middle is solid and its rim ground glass, of -550 HU and 0.3 bright, a third or a fifth. The image is as bright
# there as the last at least, which neither noise nor parenchyma is.
SOLID_LEVEL_RATIO, GLASS_LEVEL_RATIOS, FAINTEST_NODULE_SHARE = 0.5, (0.35, 0.2), 0.14
# Measured on made-up nodules: vessels that enter a small solid nodule are darker than it, and look thinner at a higher level; so does the
# nodule, by the second. Solid nodules of 4 mm are brighter than the third; forks of thin vessels are darker.
CORE_LEVEL_RATIO, CORE_RADIUS_RATIO, FAINTEST_CORE_SHARE = 0.6, 0.9, 0.75
# Reasoned: by so much ground glass around a solid part is wider than the solid part; the blur alone widens less.
GLASS_RATIO = 1.35
# Reasoned: a ray that gets so much brighter than it was has left the ball, or its ground glass, for a vessel beside it.
VESSEL_BESIDE_SHARE = 0.25
# Reasoned: blurs at which balls of 4 to 15 mm radius have one peak.
NODULE_SIGMAS_MM = (1.7, 2.7, 4.3, 6.9)
# Reasoned: smaller balls cannot be told from a vessel's bend or fork, nor in thick slices from a vessel that crosses one; a nodule of 4 mm
# looks no smaller than the first. (Radii: in mm, in voxels' mean sides, in their longest sides.)
SMALLEST_NODULE_MM, SMALLEST_NODULE_VOXELS, SMALLEST_NODULE_SIDE_RATIO = 1.7, 1.7, 0.9
# Reasoned: what is larger than the first needs no fine grid; larger ones than the second are masses.
LARGEST_SMALL_NODULE_MM, LARGEST_NODULE_MM = 6.0, 17.0
# Reasoned: a nodule at the pleura has half of its rays in the lung.
LEAST_RAYS_IN_LUNG_SHARE = 0.5
# Measured on made-up nodules: lobes and oval shapes vary the radius by a third, in few directions by more; where a ray goes farther, it
# leaves along a vessel.
OPEN_RATIO, SHORT_RATIO, LONG_RATIO, MOST_SHORT_RAYS_SHARE = 1.7, 0.6, 1.4, 0.15
# Measured on made-up nodules and vessels: two vessels half as wide as the ball cover 0.045 of the rays, a tube that is none 0.13 (see
# nodules.py). By the ball's radius: bends and forks of vessels that few voxels show leave less open than those of wide ones.
NODULE_GRADES_MM, MOST_OPEN_RAYS_SHARES, MOST_LONG_RAYS_SHARES, ROUGHLY_OPEN_RAYS_SHARE = (2.0, 2.5), (0.03, 0.045), (0.15, 0.2), 0.13
# Measured on made-up nodules and vessels: at half the level, vessels of half the brightness count too, and blur makes them as wide as a
# small nodule; what leaves along more rays is a fork.
EXIT_LEVEL_RATIO, MOST_EXITS_SHARE = 0.45, 0.25
# Reasoned: up to here rays tell where the ball ends; beyond the level the blur leaves a rim of its own width.
FILL_RATIO, NODULE_RIM_MM = 1.2, 0.7

# --- Sheets ---
# Reasoned: farther than a thin vessel is wide, and two of the longest voxels, so that a sheet in thick slices goes on for more than one.
SHEET_REACH_MM, SHEET_REACH_VOXELS = 3.0, 2.0
# Measured on made-up septa and fissures: sheets are at most 1.5 mm thick and fainter than the first; what gets brighter by the second is a
# vessel nearby. More than the third of the directions is more than forks of thin vessels have (see sheets.py).
BRIGHTEST_SHEET_SHARE, BRIGHTER_ALONG_RATIO, LEAST_SHEET_SHARE = 0.6, 1.5, 0.45
# Reasoned: in a sheet's middle a voxel is as bright as its neighbours across it; other lines do not tell.
LINES_OF_SHEET_COUNT = 7

# --- Scars ---
# Reasoned: as fine as the chest wall is smooth; a scar begins within the second of what lies outside of the lungs' hull.
WALL_STEP_MM, WALL_REACH_MM = 3.5, 12.0
# Reasoned: vessels are thinner than 0.5 mm near the chest wall; a scar is as thick there as a vessel of 1 mm radius, on a length of 1.5 mm.
THICK_SHARE, SCAR_FOOT_ML = 0.5, 0.005
# Reasoned: longer ones are vessels that run along the wall.
LONGEST_SCAR_MM, SCAR_RIM_MM = 45.0, 1.5

# --- Walls of small airways ---
# Reasoned: lumens beyond the lobar bronchi are narrower than the reach; one that is shorter than the second is a gap between vessels.
LUMEN_REACH_MM, SHORTEST_LUMEN_MM = 8.0, 10.0
# Reasoned: a lumen is open along its own axis and in a few directions next to it.
MOST_OPEN_SHARE = 0.3
# Reasoned: noise of the blurred image rises less.
LEAST_RISE_SHARE = 0.05
# Reasoned: the wall begins at the nearest rise, but for a few that noise brought nearer; radii are told in quarters of a mm.
RISES_LEFT_OUT_COUNT, RADIUS_STEP_MM = 3, 0.25
# Reasoned: as thick as the wall of a subsegmental bronchus, or what voxels make of it.
SMALL_WALL_MM, SMALL_WALL_VOXELS = 0.8, 0.6
# Reasoned: no wall is as bright as this; the artery beside it may be.
BRIGHTEST_WALL_SHARE = 0.6

# --- Calibres ---
# BV5 and BV5-10 (Estépar et al., Am J Respir Crit Care Med 188 (2013) 231).
SMALL_VESSEL_MM2, MEDIUM_VESSEL_MM2 = 5.0, 10.0
# Reasoned: within 2.5 times the standard deviation of the blur lie 96 % of what a thin vessel adds to the density; along an axis one voxel
# at least.
SMALL_REACH_RATIO, LEAST_BLUR_VOXELS = 2.5, 0.41
# Reasoned: every scan is brought to the same two blurs (variances). As little as noise allows for thin vessels, so that it mixes
# neighbours little; more for thicker ones, which would all be equally bright in the middle otherwise.
FINE_BLUR_MM2, COARSE_BLUR_MM2, THICK_FROM_MM2 = 0.5, 1.2, 5.0
# Reasoned: without any smoothing noise decides the derivatives; less sharpening than this changes nothing, more raises noise.
LEAST_SMOOTHING_MM2, LEAST_SHARPENING_SHARE, MOST_SHARPENING_SHARE = 0.15, 0.05, 0.6
# Reasoned: how far the nearest middle is looked for: the radius of the widest vessel of each blur, and its blur.
FINE_REACH_MM, COARSE_REACH_MM = 2.0, 2.6
# Reasoned: the widest smoothing, three standard deviations of it, and the longest reach.
CALIBRE_MARGIN_MM = 6.0
# Measured on made-up trees: three standard deviations of the widest blur away a thin vessel adds nothing; neighbours lie to a few sides
# only.
RING_MM, RING_DARKER_SHARE, BRIGHTEST_RING_SHARE = 3.0, 0.4, 0.3
# Reasoned: forks reach less far along a vessel.
STEPS_ALONG_MM = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)
# Reasoned: a middle is at least as bright as its neighbours along so many of the 13 lines; those next to the tube's direction need not be
# among them.
LINES_ACROSS_COUNT = 9
# Reasoned: the Laplacian of a thin tube is -2 in units of the blur, and noise makes it lower. From a third of the way to where the
# sharpened height stops rising, the plain one takes over.
LOWEST_LAPLACIAN_RATIO, PLAIN_FROM_SHARE, PLAIN_OVER_SHARE = -2.5, 0.35, 0.3

# --- The scan's blur ---
# A slice profile as wide at half its height as the slices are apart has a variance of 0.18 of its square; measured: twelve real scans had
# 0.17 to 0.26.
SLICE_VARIANCE_RATIO = 0.2
# Reasoned: beyond the blur of any chest CT, and nearer than ribs and vessels mostly are.
PLATEAU_FROM_MM, PLATEAU_TO_MM = 3.0, 4.5
# Reasoned: fat and muscle on the wall's side, aerated lung on the other, each even.
PLATEAU_TISSUE_HU, PLATEAU_SPREAD_HU = (-150.0, 250.0), 150.0
# Reasoned: voxels of a line that are looked at, counted from the lung's last one; its border may be off by two voxels.
LINE_FROM_VOXELS, LINE_TO_VOXELS = -3, 5
# Reasoned: lines that cross an edge about at right angles; across the slices the step is less sure.
STEEPEST_SIDEWAYS_RATIO, STEEPEST_ACROSS_RATIO = 0.5, 0.35
# Reasoned: beyond these parts of the step noise decides.
STEP_PART_SHARES = (0.01, 0.99)
# Reasoned: the median of fewer edges may be that of a few odd ones; more slices than this tell nothing new.
FEWEST_EDGES_COUNT, ENOUGH_SLICES = 200, 50
# Reasoned: the fit of an edge is settled after so many steps from a usual slope (1 / voxels), within slopes that voxels can show.
FIT_STEPS_COUNT, FIRST_SLOPE_PER_VOXEL, SLOPES_PER_VOXEL = 6, 1.2, (0.2, 8.0)
