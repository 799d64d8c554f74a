"""Limits of the networks' use, each with where it comes from."""

# --- What the network is shown ---
# Reasoned: skin, and walls that the body's core does not hold.
BODY_MARGIN_MM = 6.0

# --- Which of its lung is lung ---
# Reasoned: smaller pieces are the network's noise; smaller than the anatomy's limits for pieces of air, because the network knows lung.
SMALLEST_PIECE_ML, SMALLEST_SHARE_OF_LARGEST = 2.0, 0.01
# Reasoned: what is closer to the lungs belongs to their box: walls, and air just beside them.
MARGIN_MM = 8.0
# Reasoned: a trachea and main bronchi hold 25 mL and more, a slab of a few slices some mL.
SMALLEST_TRACHEA_ML = 1.0
# Reasoned: the diagonal of the network's pixel of 3 mm and half a block: nearer than that it cannot tell on which side of the border air
# lies.
NEAR_MM = 5.0
# Measured on six scans cut by a round view: of 19 pieces of lung that a network left out 17 border on its lung without a wall over 0.28
# of their surface and more; bowel of which it had taken a part did over 0.12.
MISSED_OPEN_SHARE = 0.25
# Reasoned: thinner than twice this, soft tissue that the network marks along the border is the network's blur.
RIM_MM = 3.0
# Fat is measured between -190 and -30 HU (H. Kvist et al., Am J Clin Nutr 1988); its means lie well inside. Reasoned: it is even, while
# patchy disease of the same mean is aerated lung beside tissue, hundreds of HU apart; noise of 2 mm blocks stays below this.
FAT_HU, FAT_SD_HU = (-150, -50), 40
# Reasoned: the blurred border between lung and soft tissue has the density of fat too, but is thinner than twice this.
FAT_RIM_MM = 3.0
# Of 100 pleural effusions exudates measured 7 HU and transudates 10 HU, with standard deviations of 9 and 7 HU (Y. Abramowitz et al., AJR
# 2009, 192:618-623); in another study the medians were 12.5 and 5 HU (N. Çullu et al., Diagn Interv Radiol 2014, 20:116-120). Reasoned:
# collapsed lung, blood and muscle are denser than 30 HU.
FLUID_HU = (-15, 15)
# Reasoned: noise varies; air in lung that holds fluid makes it more uneven. Noise is that of soft tissue at its evenest.
FLUID_UNEVENNESS_RATIO, SOFT_TISSUE_HU, EVEN_PERCENT = 1.5, (20, 90), 25.0
# Reasoned: thinner than twice this, a mixture of tissue and lung or fat has the density of water. The rim of fluid is mixed with either.
FLUID_RIM_MM, FLUID_RIM_HU = 3.0, (-40, 22)
# Reasoned: an effusion has the wall on one of its sides and lung on the other, which is half of what lies around it; fluid within a
# tumour or a cavity has no wall. Denser than lung's own border is the wall.
FLUID_WALL_SHARE, FLUID_SHELL_MM, WALL_ABOVE_HU = 1 / 3, 5.0, -300
# Reasoned: marked is what is lung as likely as not.
MARKED_SHARE = 0.5

# --- Time and memory ---
# Reasoned: a network that takes longer for one slice would need hours for a scan; the largest of the benchmarks takes 1 s.
MOST_SECONDS = 60.0
# Measured: a 2D U-Net of 31 million parameters runs on a slice of 512 × 512 pixels within half of it.
MOST_MEMORY_GB = 1.0
# Reasoned: a grid that is finer than the scan shows the network nothing more.
MOST_FINER_GB = 1.0
# Measured with a 2D U-Net of 16 to 128 channels, five channels of 144 × 96 pixels in, on two cores: 5.9 to 6.0 ms a slice
# for 1, 2, 4, 8 and 16 slices together, while memory grows by 14 MB with each. A graphics processor needs more to be busy.
TOGETHER_CPU_PIXELS, TOGETHER_OTHER_PIXELS = 1 << 16, 1 << 20

# --- Trial of ONNX Runtime ---
# Measured on the trial's phantom: on the same weights no pixel's label differs from numpy's; of the network of 8 bits up to 0.1 % do.
DIFFERING_SHARE, DIFFERING_8_BITS_SHARE = 1e-3, 5e-3
# Reasoned: a trial that began and never ended was cancelled with its process, or broke it down; twice is no accident.
UNENDED_TRIALS_COUNT = 2
