"""Limits of what is read from DICOM files, each with where it comes from."""

# --- Sizes ---
# Reasoned: clinical scanners reconstruct 256 to 2048 rows and columns.
MOST_ROWS_OR_COLUMNS_PIXELS = 4096
# Reasoned: the header of an enhanced CT of 2000 frames has some 8 MB. Outlines are text: 24 bytes a point, a million of them in a large
# set, and descriptions of frames take 2 kB each. What is deflated may be as large where a few bytes can become as many.
MOST_HEADER_BYTES, MOST_STRUCTURE_BYTES, MOST_INFLATED_BYTES = 64 << 20, 512 << 20, 128 << 20
# Reasoned: elements of a file that is read; a damaged or malicious one has more for its size.
FEWEST_PIECES_COUNT, PIECES_PER_BYTE = 200_000, 0.15

# --- Axes and places of slices ---
# Reasoned: rounding in headers turns or stretches an axis by less; of orientations that are one, and of pixel spacings, by still less.
AXES_TOLERANCE_COSINE, SAME_ORIENTATION_COSINE, SAME_PIXEL_SHARE = 0.01, 2e-3, 1e-3
# Reasoned: frames of one segmentation come from one writer, and agree to the last digits.
SAME_FRAME_COSINE = 1e-4
# Reasoned: slices nearer to each other lie at the same place.
SAME_PLACE_MM = 0.01
# Reasoned: of the spacing: a slice nearer to its place on the even grid counts as there.
EVEN_SHARE = 0.1
# Reasoned: of a pixel: less shift within the plane is rounding in the header.
IN_PLANE_PIXELS = 0.25
# Reasoned: two slices may be missing, but no more than a vertebra's half; and where half of the gaps are uneven there is no usual one.
LARGEST_GAP_MM, LARGEST_GAP_SLICES, LARGEST_UNEVEN_SHARE = 15.0, 3.0, 0.5
# Reasoned: a slice so near to its place is taken as it is, so that interpolation does not blur it.
EXACT_WEIGHT = 0.02

# --- Which slices make a scan ---
# Reasoned: a volume, its planning views and reformats: a few.
MOST_STACKS_COUNT = 50
# Reasoned: two slices always lie "evenly".
FEWEST_IN_A_STACK_SLICES = 3
# Reasoned: beside the straight line that a stack's corners lie on, rounding moves them by less.
BEND_PIXELS = 1.0
# Reasoned: further from the ends of a stack no slice continues it.
BEYOND_SLICES = 1.5
# Reasoned: 10 degrees; planes of a stack do not differ by more, those of another view do.
SAME_PLANE_COSINE = 0.985
# Reasoned: between the slices' normal and the patient's long axis; a tilted gantry (30 degrees at most) is still axial.
AXIAL_COSINE = 0.8
# Reasoned: of the longest stack: a shorter one is not the scan, however original its slices are.
WHOLE_SHARE = 0.5

# --- Rescaling that some slices lack ---
# Reasoned: of the other's distance to the neighbour: how plainly nearer a slice must be that says nothing, and how much one that says
# something must contradict its neighbour.
PLAINLY_NEARER_RATIO, CONTRADICTED_RATIO = 0.5, 0.25
# Reasoned: so many pairs of slices, and every so many pixels of them, show a difference of a thousand HU.
MOST_COMPARED_SLICES, COMPARED_STEP_PIXELS = 12, 4

# --- Segmentations and structure sets ---
# Reasoned: an outline lies on a slice where it is off it by no more than rounding, a quarter of the distance.
OFF_SLICE_VOXELS = 0.25
# Reasoned: far beyond any room.
FARTHEST_MM = 100_000.0
# Reasoned: of outlines with the rows of one slice: a lung's cross them some thousand times.
MOST_CROSSINGS_COUNT = 4_000_000
