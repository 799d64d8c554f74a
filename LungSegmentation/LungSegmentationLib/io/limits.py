"""Limits of what is read from files, each with where it comes from."""

# --- Hounsfield units ---
# Reasoned: what was not measured is set to this value, as low as scanners' fills, and below all that they measure.
PADDING_HU = -2048
# Reasoned: tissue of a body is denser. Lower than the anatomy's limit: whether a body is there has to show on a scale that is a little off.
TISSUE_ABOVE_HU = -300
# Reasoned: of the measured voxels, less than this is noise or metal, not air or a body.
SMALLEST_TISSUE_SHARE = 0.0005
# Reasoned: metal that saturates the extended scale is a clip, a screw or a joint: at most 5 % of a slice, and 0.5 % of a scan (200 mL of
# 40 L).
SATURATED_SLICE_SHARE, SATURATED_SCAN_SHARE = 0.05, 0.005
# No implant attenuates the X-rays of CT a thousand times as water does; gold comes nearest, with 930 times at 81 keV (NISTIR 5632).
DENSEST_HU = 1e6
# Reasoned: air from -1024 to -700 HU and tissue from -124 to 200 HU, without the usual intercept of -1024. A chest holds more of both than
# these shares.
OFFSET_AIR_HU, OFFSET_TISSUE_HU, OFFSET_AIR_SHARE, OFFSET_TISSUE_SHARE = (0, 324), (900, 1224), 0.02, 0.05

# --- Numbers that were scaled ---
# Reasoned: a whole number, or a probability, that went through a 32-bit scale factor and back is off by less than this of 1.
ROUNDING_SHARE = 1e-3

# --- Geometry ---
# Reasoned: files rounded by their writers are off by 0.01 degrees; over the 150 mm from a chest's middle 0.05 degrees are 0.1 mm, 0.5 are
# 1.3 mm.
NOTED_SHEAR_DEG, LARGEST_SHEAR_DEG = 0.05, 0.5
# Reasoned: the sform's 32-bit numbers turn an axis by up to 1e-7 (half a unit in the last place of each entry), two axes by twice as much;
# twice that again, as some writers convert from 32-bit quaternions. At a chest's edge it is 0.1 micrometres.
SFORM_ROUNDING_RAD = 4e-7
# Reasoned: far beyond what is refused later as no voxel of a CT, and beyond any room; well within what 32-bit numbers hold, and what ITK
# computes with.
HEADER_SMALLEST_MM, HEADER_LARGEST_MM = 1e-9, 1e9
# Reasoned: more than rounding parts the voxel sizes of a header's two places.
SPACING_TOLERANCE_SHARE = 0.01

# --- Sizes of files ---
# Reasoned: 2000 million voxels of 16 bits: no chest CT has as many (1024 × 1024 × 1500 voxels of 0.2 mm are 1570 million).
DEFAULT_MEMORY_LIMIT_GB = 4.0
# Deflate packs at most 1032-fold (RFC 1951: 258 bytes in 2 bits). Reasoned: a CT with its noise packs 2- to 4-fold and a label map some
# hundredfold; what is packed more holds next to nothing, and need not be large: 512 × 512 × 400 labels of 64 bits fit.
MOST_PACKED_RATIO, MOST_PACKED_GB = 200, 1.25
# Measured: a run with the network does with 1.02 GB of addresses; with 0.8 GB it waits for ever, with 0.3 GB libraries do not load.
LEAST_ADDRESSES_BYTES = 1_000_000_000
# Reasoned: the largest of real text headers, of segmentations with hundreds of segments, are some 100 kB.
LARGEST_HEADER_BYTES = 1 << 22
# Reasoned: some writers fill files up to the end of a block with zeros. Before the voxels in packed data a header and its extensions may
# lie.
MOST_FILLING_BYTES, MOST_SKIPPED_BYTES = 4096, 1 << 26
