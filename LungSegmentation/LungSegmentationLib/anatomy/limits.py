"""Limits of the anatomy, each with where it comes from.

Lengths and volumes hold for adults: for a small body the grid's lengths are divided by its scale first (see :mod:`.chest`).
"""

from ..scan_field.limits import AIR_HU, LOWEST_CT_HU

# --- Densities ---
# Reasoned: half way between lung (near -850 HU) and soft tissue (near 50 HU), where the border lies whatever the scan's blur.
LUNG_BELOW_HU = -400
# Reasoned: aerated lung, ground glass apart, is darker, and partial volume of a thin wall is not.
AERATED_BELOW_HU = -600
# Reasoned: the lumen of a trachea or large bronchus stays below this where it is narrow or blurred; its wall does not.
LUMEN_BELOW_HU = -700
# Emphysema begins here (Gevenois et al., Am J Respir Crit Care Med 1996, 154:187).
EMPHYSEMA_BELOW_HU = -950
# Reasoned: skin, fat (-130 to -50 HU) and muscle are denser, lung and clothes are not.
TISSUE_ABOVE_HU = -250
# Reasoned: no soft tissue, consolidation or blood without contrast medium is denser; bone is.
BONE_ABOVE_HU = 200
# Reasoned: gas is as dark as the air in the trachea; lung, also emphysematous, is not, apart from single voxels.
GAS_MARGIN_HU = 30.0

# --- The working grid ---
# Reasoned: block means show vessels and septa of lung, and have less noise than voxels of 1 mm; topology needs no finer ones.
WORKING_VOXEL_MM = 2.0
# Reasoned: values are clipped to this range before they are averaged, so that fill and metal do not spoil a block: the lowest value of a
# CT, and more than any soft tissue has. Sums over a block's side of at most 31 voxels stay within 16 bits then.
GRID_LOWEST_HU, GRID_HIGHEST_HU, LARGEST_FACTOR = LOWEST_CT_HU, 600, 31
# Reasoned: a block may be a third of a voxel larger than asked for, rather than smaller by two thirds.
BLOCK_ROUNDING_VOXELS = 0.35
# Reasoned: a ball that opened a region is this much larger on the way back, so that corners are not lost.
REGROWTH_FACTOR = 1.5

# --- The body ---
# Reasoned: thinner than twice this is table, clothing, a tube or a blanket, not body.
BODY_EROSION_MM = 4.0
# Reasoned: thinner than the smallest chest wall that is looked for, and coarse enough to be quick.
BODY_BLOCK_MM = 3.5
# Both hold for an adult, whose chest has an effective diameter of some 28 cm (AAPM report 204, 2011), which is that of a square of 25 cm.
# The chest wall of a child is thinner as the child is smaller; the smallest adults are larger than a square of 20 cm.
ADULT_BODY_MM, SMALL_BODY_MM = 250.0, 200.0
# Reasoned: a newborn's chest measures 33 cm round, an adult's 95 cm; what is smaller than a quarter of an adult has a wrong voxel spacing.
SMALLEST_BODY_MM = 0.25 * ADULT_BODY_MM
# Reasoned: room air is within noise of -1000 HU; a region of lung is denser on average.
ROOM_AIR_BELOW_HU = -960
# Reasoned: the mean of room air away from the skin is free of noise; that of emphysema is seldom as low.
ROOM_AIR_MEAN_BELOW_HU = -940
# Measured on 21 scans: of the edge of an image of the whole chest at least 0.24 is room air, in the mean over this height; of a view 18 cm
# wide, as of the heart, at most 0.12.
ROOM_AROUND_SHARE, EDGE_WINDOW_MM = 0.17, 10.0
# Reasoned: a piece of lung, and air in the bowel's folds, are smaller, a lung that some slices of the view show whole is larger.
CLOSED_IN_LUNG_ML = 100.0
# Reasoned: a body is cut by the view where, in more than this share of the slices, air inside it reaches the image's edge.
CUT_SLICES_SHARE = 0.1
# Reasoned: a view that cuts through a lung does so over more than this share of the body's size; slivers of air in skin folds are shorter.
CUT_LENGTH_SHARE = 0.15
# Reasoned: the lungs are as high as the slices in which the air has more than this share of its largest area; trachea and gullet have less.
LUNG_HEIGHT_SHARE = 0.2
# Reasoned: so measured, lungs of adults are some 170 mm high in expiration and 250 mm in inspiration; three quarters of the lowest.
LOWEST_ADULT_LUNGS_MM = 130.0
# Reasoned: of a chest wall no thicker than that before the edge of the view the body's core holds nothing, and it does not keep lung away
# from that edge.
THIN_WALL_MM = 12.0
# Reasoned: what is closer to the chest's air belongs to its box: walls, and what is dilated by the steps that follow.
CHEST_MARGIN_MM = 12.0

# --- The trachea ---
# Adult tracheas measure 10 to 27 mm across (Breatnach et al., AJR 1984, 142:903-906); wider limits admit children and saber-sheath
# shapes.
SMALLEST_TRACHEA_MM2, LARGEST_TRACHEA_MM2 = 25.0, 900.0
# Reasoned: a saber-sheath trachea is twice as deep as wide and more; fissures and folds are longer still.
TRACHEA_LARGEST_RATIO = 3.5
# Reasoned: a filled ellipse covers pi/4 = 0.79 of its box; half of that still admits a crescent-shaped trachea.
TRACHEA_BOX_SHARE = 0.4
# Reasoned: a tumour, goitre or lost lung moves the trachea by some cm; axillae and the outer lung lie farther from the midline.
TRACHEA_OFF_CENTRE_MM = 60.0
# Reasoned: it runs down within 50 degrees of the long axis, and noise moves its centre by some voxels.
TRACHEA_STEP_RATIO, TRACHEA_LEAST_STEP_MM = 1.2, 4.0
# Reasoned: its cross-section changes by less than twice and a half from slice to slice, also in thick ones.
TRACHEA_AREA_RATIOS = (0.4, 2.5)
# Reasoned: it is 100 to 120 mm long; a chest from below the larynx holds much more than this, a slab of a few slices less.
SHORTEST_TRACHEA_MM = 20.0
# Reasoned: of a tube near the end of a scan that cuts the lungs, two slices tell how it goes on; a single one may show anything.
SHORTEST_STUMP_SLICES = 2
# Reasoned: lung that is not destroyed holds a tenth of blood and tissue, and more in expiration; air alone fills the middle of a bronchus,
# if not the blocks at its wall: it shows in the darkest tenth of the cross-section.
STUMP_BELOW_HU, DARKEST_PERCENT = -900, 10
# Reasoned: air of mouth, sinuses and trachea is less than a tenth of a section through both lungs; apices that are cut off are small, too.
CUT_LUNGS_SHARE = 0.25
# Reasoned: the trachea lies in the mediastinum, and lung borders on it on one side; a dark spot of lung has lung all around. Measured on 50
# scans: at most 0.27 of the ring around a trachea is air.
AIR_AROUND_SHARE = 0.5
# Reasoned: trachea, oesophagus and another loop of bowel. What neither runs beside the largest tube for so long nor begins above it is
# its bronchus, or a part of it.
MOST_TUBES_COUNT, TUBES_BESIDE_MM = 3, 20.0
# Reasoned: a tube that is hardly darker than the chest's air as a whole is not the trachea. But where free air fills half of the chest,
# nothing is darker: lungs as a whole, emphysema or not, are denser than the second limit; the windpipe's air, even where scatter lifts
# it, is not.
DARKER_THAN_LUNG_HU, TRACHEA_AIR_BELOW_HU = 30, -930

# --- Carina and airways ---
# Reasoned: the main bronchi part at 60 to 70 degrees, so that 15 mm below the carina their axes are some 18 mm apart, in a child's chest
# of half the size 9 mm. One slice may show a notch of the wall; the two bronchi go on side by side.
BRONCHI_APART_MM, SHORTEST_FORK_MM = 9.0, 4.0
# Reasoned: main bronchi measure 7 mm and more across in children, which is 38 mm2, and about 100 mm2 in adults. A smaller piece beside the
# trachea is noise or a diverticulum.
SMALLEST_BRONCHUS_MM2 = 20.0
# Reasoned: the lumen is darker than lung; the guard looks for the last threshold at which it does not yet spill into the lung.
LUMEN_FROM_HU, LUMEN_TO_HU, LUMEN_STEP_HU = int(AIR_HU), -600, 10
# Reasoned: the bronchi down to the segments hold less than the first; what is gained in one step of the threshold by spilling is more
# than the second.
LARGEST_BRONCHI_ML, LARGEST_STEP_ML = 45.0, 12.0
# Reasoned: as thick as the partial volume of a lumen's border on its grid.
LUMEN_RIM_MM = 1.8
# Reasoned: lobar bronchi begin within these distances of the trachea.
BRONCHI_BESIDE_MM, BRONCHI_BELOW_MM, BRONCHI_ABOVE_MM = 65.0, 100.0, 15.0
# Reasoned: bronchi narrower than twice this are segmental and belong to the lung. On a coarse grid it takes a little more than a voxel.
LOBAR_RADIUS_MM, LOBAR_RADIUS_VOXELS = 2.6, 1.06
# Reasoned: fine enough for lobar bronchi, whose lumen is 5 mm wide and more; and the wall of a large airway, with its partial volume.
AIRWAY_BLOCK_MM, AIRWAY_WALL_MM = 1.5, 2.0

# --- Gas: air without lung structure ---
# Measured on 21 scans, emphysema among them: no healthy or emphysematous lung had a ball of 8 mm without a vessel or septum that lifts one
# of its blocks above the first margin, but for pieces of 2 mL at most. Around it noise and partial volume lift the same air by some more,
# lung that holds blood and septa by more than the second margin (-1000 HU of air, -850 HU of lung: half way lies near 75 HU above air).
GAS_CORE_MARGIN_HU, GAS_RIM_MARGIN_HU = 40.0, 80.0
# Measured on the same scans: the radius of that ball, and the largest piece of lung that holds one.
GAS_CLEAR_MM, SMALLEST_GAS_ML = 4.0, 2.0
# Reasoned: where noise hides how dark the air is, an average over neighbours shows it; but that average hides the structure of lung as
# well. So it has to be darker than half way from air to emphysema, and what only the average shows has to be as large as a pneumothorax or
# bulla that matters.
GAS_AVERAGE_MARGIN_HU, SMALLEST_GAS_IN_NOISE_ML = (EMPHYSEMA_BELOW_HU - AIR_HU) / 2, 100.0
# Reasoned: of the box around a block at a flat wall air fills half; less of it is a fissure or a recess.
GAS_AIR_SHARE = 0.4
# The wall of a bulla is thinner than 1 mm by definition (Hansell et al., Fleischner glossary, Radiology 2008, 246:697-722); diaphragm
# and stomach, or an oesophagus and the pleura over it, are two layers of 2 mm and more.
THIN_GAS_WALL_MM = 1.5
# Reasoned: beyond this no wall of a cavity or dome reaches; less lung than the second may be the partial volume of the wall.
LOOKED_AROUND_MM, LUNG_RUN_MM = 12.0, 5.0

# --- Gas that is not lung, by its place ---
# Reasoned: a piece of lung of its own is larger, of the smallest adults too; rims of bowel gas are smaller.
SMALLEST_LUNG_ML = 50.0
# Measured: painted bullae had 0.6 and more lung bare against them, gas under a thin dome in slices of 5 mm 0.25 at most. What lies inside
# the lung has lung on all sides but where it meets chest wall or diaphragm; what lies outside has, through a wall that the blocks blur,
# some lung at most. The oesophagus has a wall of its own on all sides.
LEAST_BARE_SHARE, GULLET_BARE_SHARE = 0.4, 0.15
# Reasoned: a cavity at the chest wall has lung on one half of its sides, if through a wall; gas in the abdomen mostly has none in sight.
CAVITY_SEEN_SHARE = 0.3
# Reasoned: a dome lies above what is under it, and no lung below; some columns leave through the recess beside the dome.
UNDER_DOME_SHARE, LUNG_BELOW_GAS_SHARE = 0.3, 0.1
# Reasoned: the oesophagus lies near the midline; a gastric conduit, colon interposition or megaoesophagus beside the spine as far as it is
# wide, and over most of the chest's height. Its far side lies half of its width beyond, and a megaoesophagus is 60 mm wide; free air
# reaches the side of the chest.
OESOPHAGUS_WITHIN_MM, CONDUIT_WITHIN_MM, CONDUIT_HEIGHT_MM, CONDUIT_REACH_MM = 25.0, 60.0, 60.0, 90.0
# Reasoned: a bulla is round, or half a ball at the chest wall: its box is at most 1.26 times as long as a ball of its volume, and it holds
# a ball of 0.63 times that radius. Free air is a layer that reaches down the side of a lung, or around a collapsed one. A conduit that
# passes for neither is a tube: long, but not as wide as a ball of its volume.
LAYER_LENGTH_RATIO, LAYER_WIDTH_RATIO, LAYER_BALL_RATIO = 1.6, 1.0, 0.5
# Reasoned: single bright blocks of noise are no border.
SHAPE_NOISE_MM = 4.0
# Reasoned: along a straight border half of what lies around is gas. A bulla or a cavity bulges into the lung and has less, free air lies
# around the lung and has more; a layer along the chest wall may be too thin for it. What is nearer than the wall's blur, or a block and a
# half, counts as common border.
BULGE_REACH_MM, STRAIGHT_SHARE, BORDER_MM, BORDER_VOXELS = 12.0, 0.5, 4.0, 1.5
# Reasoned: less free pleural air changes no reader's conclusion, and a lobule may look like it.
SMALLEST_PLEURAL_ML = 30.0
# Reasoned: a pleural space whose lung is not in sight: removed, or collapsed without air; through the mediastinum the other lung may
# show. A cavity with so thick a wall is smaller.
EMPTY_SIDE_ML, EMPTY_SIDE_SOLID_SHARE = 200.0, 0.9
# Measured: the air in the tracheas of real scans has noise of 10 to 45 HU. In more than this an average over a ball cannot tell emphysema,
# and thin walls around gas cannot be seen.
LARGEST_NOISE_HU = 50.0
# Reasoned: nobody lies in a scanner with a third of both lungs gone. Measured on two scans made airier by 60 HU, with noise of 90 HU: 37
# to 79 % of the air on both sides is as dark as gas; with a pneumothorax painted on one side of three scans, at most 13 % on the other.
DARK_LUNGS_SHARE = 1 / 3
# The oesophagus has a wall of 2 mm where it is wide and 5 mm where it is not (F. Xia et al., Eur J Radiol 2009, 72:406-411); a stomach that
# was pulled up, or a dome with bowel under it, is no thinner.
FOREIGN_WALL_MM = 5.0
# Reasoned: pleural air lies at the height of a lung, not below both as bowel does.
BESIDE_LUNG_SHARE = 0.5

# --- Which air is lung ---
# Reasoned: a component beside a whole lung is a lung, or a lobe of it, where it is larger than this; two lungs are never so uneven.
SMALLEST_SHARE_OF_LARGEST = 0.03
# Reasoned: an island of aerated lung behind consolidation is some secondary lobules large, and lies near the lung that it belongs to.
SMALLEST_ISLAND_ML, ISLAND_WITHIN_MM = 0.3, 15.0
# Reasoned: even the darkest tenth of an island of lung is brighter than gas; bowel gas has a core that is not.
ISLAND_DARKEST_PERCENT = 10
# Reasoned: a piece of gas that is lung may have a rim of partial volume.
CAVITY_SHARE = 0.5
# Reasoned: a lung's base may be cut off by a band of collapsed lung, but not by more than a few cm; bowel and mastoid cells lie farther
# away.
LARGEST_GAP_MM = 30.0
# Reasoned: a piece of colon or stool may begin at the height of the lungs' bases and go on below them.
AT_HEIGHT_SHARE = 0.5

# --- Right and left lung ---
# Reasoned: what is smaller than this is no lung of its own but a part of the other one that reaches over the midline. Lower than
# SMALLEST_LUNG_ML: a destroyed lung of 20 mL on its own side still is one.
SMALLEST_SIDE_ML = 20.0
# Reasoned: a dense lobe reaches so far above or below the lung that was found, and no farther: brain and pelvis are no lung.
BESIDE_LUNGS_MM = 60.0
# Reasoned: the right lung has 53 to 55 % of the volume in health; the heart, a lobectomy or a raised diaphragm move it by some 8 %. Far
# from that a side is truncated or destroyed.
RIGHT_SHARES = (0.40, 0.67)
# Reasoned: a component with less than this share of both lungs beyond the midline is one lung that bulges over it.
BULGE_SHARE = 0.05
# Reasoned: depths at which lungs that hang together at a junction line fall apart, from the thinnest line to a hilum.
CORE_DEPTHS_MM = (1.5, 2.5, 3.5, 5.0, 7.0, 9.0, 12.0, 15.0)
# Reasoned: where the distances to both cores differ by less, density decides, beyond that the nearer core.
JUNCTION_WITHIN_MM = 20.0
# Reasoned: how far a thin part of a lung may reach over to the other side from its core.
TONGUE_MM = 50.0
# Reasoned: steps of the relief hide noise but not a junction line, which partial volume makes some 100 HU denser than lung.
RELIEF_STEP_HU, RELIEF_FROM_HU, RELIEF_TO_HU = 40, int(AIR_HU), 0
# Reasoned: what only a deep cut severs, and is small, is the one lung's own tongue, herniated over the midline.
DEEP_CUT_MM, BEHIND_DEEP_CUT_SHARE = 5.0, 0.1

# --- Dense disease, and where the image cuts the lungs ---
# Reasoned: thinner pieces are partial volume and vessels at the pleura: the closing's business.
DENSE_HALF_WIDTH_MM = 4.0
# Reasoned: as coarse as the pieces that are looked for.
DENSE_VIEW_BLOCK_MM = 4.0
# Reasoned: on a slice of 5 mm a cut of this area costs 1.5 mL of lung.
SMALLEST_CUT_MM2 = 300.0
# Reasoned: lungs narrow to their apices and bases; a section of more than half of the largest one is neither.
WIDE_SHARE = 0.5

# --- Bone, tissue and the spine ---
# Reasoned: coarse enough to be quick, fine enough for a vertebra.
COARSE_CELL_MM = 5.0
# Reasoned: bone's marrow measures 100 to 250 HU and its shell more; disc, muscle and blood without contrast medium stay below 100.
BONE_CELL_ABOVE_HU = 150
# Reasoned: soft tissue, which blood and what is no bone is set to; and the ends to which bone and body are clipped before their halves are
# compared, so that metal, table and air decide nothing.
SOFT_TISSUE_HU, BONE_CLIP_HU, BODY_CLIP_HU = 50, 300, (-100, 200)
# Bodies of thoracic vertebrae are 25 to 35 mm wide and deep (Panjabi et al., Spine 1991, 16:861-869), and the arch lies behind them: a
# window of this side holds most of one, and, reasoned, where bone fills this share of it more bone says no more.
SPINE_WINDOW_MM, SPINE_FULL_SHARE = 36.0, 0.3
# Reasoned: less tissue around a bright column is a rail of the table, or an arm's. So much of it is the middle of the body.
SPINE_TISSUE_SHARE, THICK_TISSUE_SHARE = 0.7, 0.95
# Reasoned: no bone fills a cube of this side without a disc, the canal or soft marrow in it; blood with contrast medium does.
BLOOD_CUBE_MM = 26.0
# Reasoned: windows that hold the whole spine are alike.
SPINE_ALIKE_SHARE = 0.99
# Reasoned: half a vertebra, and what a turn of 25 degrees moves the spine from the body's middle.
SPINE_NEAR_MIDDLE_MM = 40.0
# Measured on whole scans: the spine passes through nearly every plane across it; along other axes, the shoulders' bones reached 0.73 of
# that.
LEAST_COLUMN_SHARE, OTHER_COLUMN_RATIO = 0.8, 0.85
# Reasoned: some four vertebrae; a shorter column may be a single one, or a shoulder.
SHORTEST_SPINE_MM = 100.0

# --- Symmetry, front and back ---
# Reasoned: the patient's middle is looked for within this share of the image's width around the image's own.
LARGEST_SHIFT_SHARE = 0.3
# Reasoned: both parts of the symmetry reach 1 for a perfect mirror image. A patient turned by 25 degrees about his long axis is symmetric
# about no plane across the image's axes: below this sum, or with so little more than along the other axis, nothing is said.
LEAST_SYMMETRY_SCORE, MORE_SYMMETRY_SCORE = 1.1, 0.1
# Reasoned: enhanced blood in front can pass for a column of bone. What is nearly as good on the other side decides only together with the
# bend of the chest, where that is as large as chests show it.
SPINE_OFFSET_MM, CLEAR_RIVAL_RATIO, LARGEST_RIVAL_RATIO = 10.0, 0.85, 0.9
# Reasoned: the bend of the chest counts where it is as large as chests show it.
BEND_MM = (5.0, 60.0)
# Reasoned: shares of the chest's air, at both ends and in the middle between them, that show the bend.
BEND_END_SHARE, BEND_MIDDLE_SHARES = 0.12, (0.3, 0.7)

# --- Head and feet ---
# Reasoned: a trachea shows in cells of this size.
STANCE_CELL_MM = 3.0
# Measured on right scans: windpipes ran over 54 mm or more while the lungs beside them grew by 0.49 or more of their largest cross-section;
# bronchi and bowel gas that look like windpipes from below ran over 58 mm at most, beside lungs that grew by 0.28 at most.
SHORTEST_WINDPIPE_MM, LEAST_GROWTH_SHARE = 40.0, 0.38

# --- The heart's side ---
# Reasoned: the heart lies in the lower half of the lungs, in front of the spine, within this distance of the middle.
HEART_HEIGHT_SHARES, HEART_WITHIN_MM, BEFORE_SPINE_MM = (0.1, 0.6), 90.0, 20.0
# Reasoned: the descending aorta, 20 to 30 mm wide, lies beside the bodies of the vertebrae and a little before them.
AORTA_HEIGHT_SHARES, AORTA_BESIDE_MM, AORTA_ROWS_MM = (0.3, 0.7), (15.0, 45.0), (-45.0, -5.0)
# Reasoned: the aorta alone takes a third of its place beside the spine and the heart a tenth of the lungs before it: half of both is
# needed.
HEART_SIDE_SHARE, AGAINST_SHARE = 0.2, 0.05
# Reasoned: lungs as large for each other as in health have 47 to 56 % on the right. A sick or lost lung draws the heart to it, or lies
# where the heart is looked for: then nothing is said.
UNEVEN_SHARE = 0.13
# Reasoned: slices with less air than this share of the largest one belong to no lung's height.
HEIGHT_AIR_SHARE = 0.1

# --- The descending aorta ---
# The descending aorta measures 20 to 30 mm across in adults (Erbel and Eggebrecht, Heart 2006, 92:137-142); small women and
# children have less, aneurysms more.
AORTA_RADII_MM = (8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0)
# Reasoned: it keeps its course within a step: what leans or widens faster is something else. Circles are looked at in so many places.
AORTA_GRID_MM, AORTA_SLICE_STEP_MM, AORTA_ANGLES_COUNT = 2.5, 5.0, 12
# Reasoned: blood, muscle and contrast medium lie between fat and bright contrast medium; blood is denser than water. Cut off at 300 HU,
# the body of a vertebra would be as even as blood.
AORTA_CLIP_HU, BLOOD_ABOVE_HU = (-150.0, 500.0), 0
# Reasoned: a wall is where half of the way from blood to fat is gone: 60 HU without contrast medium, more with it.
FAT_HU, SMALLEST_EDGE_HU = -100.0, 60.0
# Reasoned: contrast medium makes blood brighter, hardly less even; the body of a vertebra is bright and uneven. Set on 21 scans and
# phantoms: at 300 HU some phantoms' spines are taken, at 200 HU bright blood comes out narrower.
LARGEST_UNEVENNESS_HU = 240.0
# Reasoned: beside the wall and its blur, and half way to the middle.
EDGE_INSIDE_MM, EDGE_OUTSIDE_MM, MIDDLE_RATIO = 2.0, 2.5, 0.55
# Reasoned: noise of single pixels is no edge.
AORTA_BLUR_PIXELS = 0.7
# Reasoned: towards the spine the tube's surroundings are brighter; that edge is worth half, or the spine itself would be a tube. A bend
# costs less than an edge that is missed.
BRIGHT_EDGE_WEIGHT, BEND_COST = 0.5, 0.03
# Reasoned: bone is beside it on one side only; more of the circle is bright around the spinal canal.
MOST_BRIGHT_SHARE = 0.5
# Reasoned: blood of the aorta is about as dense as that of heart and great vessels, of which nine tenths of the tissue before it consist;
# without contrast medium the body of a vertebra is brighter by far more than noise. Early after contrast medium the aorta can be the
# brightest of all; then nothing else is nearly as good a tube.
HEART_PERCENT, BRIGHTER_THAN_BLOOD_HU, NEARLY_AS_GOOD_SHARE = 90.0, 60.0, 0.75
# Reasoned: from the lungs' lowest slice up to the arch; beside the spine, from a little right of it to the left, in shares of the lungs'
# box.
AORTA_HEIGHT_SHARE, AORTA_BACK_SHARE, AORTA_RIGHT_SHARE, AORTA_LEFT_SHARE = 0.7, 0.35, 0.30, 0.80
# Reasoned: from apex to base the lungs of adults measure 200 to 280 mm.
LUNG_HEIGHT_MM = 240.0
# A tube with a sharp edge all around and nothing inside scores 1; measured: noisy scans without contrast medium have 0.3.
SMALLEST_AORTA_SCORE = 0.3
# Reasoned: from the circle below it the arch runs forwards, and to the right by these angles, to the windpipe and past it; it is as wide as
# the descending aorta, and ends within this height.
ARCH_ANGLES_DEG, ARCH_LENGTH_MM, ARCH_HEIGHT_MM = (10.0, 25.0, 40.0), 50.0, 45.0
# Reasoned: shorter than the arch's way before the windpipe, longer than vessels beside each other are deep. A slice shows the arch where
# soft tissue fills nearly all of such a piece but its rim.
ARCH_PIECE_MM, ARCH_CORE_SHARE, ARCH_FILLED_SHARE = 20.0, 0.8, 0.9
# The left lung lies against the descending aorta from the side; between it, the spine and the heart lie oesophagus and azygos vein.
# Measured on 21 scans: so far before the aorta and right of its middle, at most 0.3 mL of what is no air is left lung. Farther before it
# lie hila, heart and hernias; up to there at most 0.4 mL is left lung, but a lung with its vessels may reach across.
BEFORE_AORTA_MM, HEART_BEFORE_AORTA_MM = 25.0, 55.0
# Reasoned: the wall (1 to 2 mm) and half a step of the radii that are tried.
AORTA_WALL_MM = 2.5
