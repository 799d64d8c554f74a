"""Limits of the comparison with references, each with where it comes from."""

# --- Borders and pieces ---
# Reasoned: two careful readers' outlines of one border differ by up to a voxel of a usual slice.
SURFACE_TOLERANCE_MM = 2.0
# Reasoned: two readers' outlines of the same border lie closer together than twice this: what is thinner is no piece.
OPENING_RADIUS_MM = 3.0
# Reasoned: lungs of two careful readers agree by 0.9 and more, and a lung is never where the other one lies.
LUNGS_AGREE_DICE, SIDES_DISAGREE_DICE = 0.8, 0.2
# Tenths of 0 to 1, as Naeini et al. (AAAI 2015) use.
CALIBRATION_BINS_COUNT = 10

# --- Statistics ---
# By convention.
CONFIDENCE_SHARE = 0.95
# Of normally distributed differences 95 % lie within so many standard deviations (Bland and Altman, Lancet 327 (1986) 307-310).
AGREEMENT_SDS_RATIO = 1.96
# Reasoned: what fewer values say is no estimate of an interval, nor of limits of agreement.
FEWEST_FOR_INTERVAL_COUNT, FEWEST_FOR_AGREEMENT_COUNT = 3, 3
# Reasoned: one value has no spread to hold a difference between groups, or between pairs, against.
FEWEST_PER_GROUP_COUNT, FEWEST_PAIRS_COUNT = 2, 2
# Reasoned: of fewer values no test of normality says anything; of more than the second Royston's P of Shapiro and Wilk is not known.
FEWEST_FOR_NORMALITY_COUNT, MOST_FOR_NORMALITY_COUNT = 4, 5000
# Reasoned: bootstrap intervals and P values from so many samples are known to their second digit.
RESAMPLES_COUNT, NULL_SAMPLES_COUNT = 5000, 10_000
# Reasoned: the exact distribution takes little time up to here, and the normal approximation holds above.
MOST_EXACT_PAIRS_COUNT = 50
# Reasoned: values that differ by the rounding of 64-bit numbers only are equal.
EQUAL_WITHIN_SHARE = 1e-12

# --- Files ---
# Reasoned: a list of a hundred thousand pairs.
LARGEST_LIST_BYTES = 1 << 24
