"""Limits of the review, each with where it comes from."""

# --- Outliers ---
# The share of the median absolute deviation in a standard deviation of normal values, and the modified z-score from which a value is an
# outlier (B. Iglewicz, D. C. Hoaglin, How to Detect and Handle Outliers, ASQC 1993).
MAD_SHARE, OUTLIER_SCORE = 0.6745, 3.5
# The mean absolute deviation takes the place of a median one of 0: sqrt(pi / 2) of it is a standard deviation (as published there).
MEAN_DEVIATION_FACTOR = 1.253314
# Reasoned: of fewer scans, none can be told to be unlike the others.
FEWEST_SCANS_COUNT = 4

# --- What is read from files of others ---
# Reasoned: summaries have some kB and ratings some 200 bytes each; what is far larger is no such file.
LARGEST_SUMMARY_BYTES, LARGEST_RATINGS_BYTES = 20_000_000, 50_000_000
# Reasoned: the longest remark that anybody types, and the longest name.
LONGEST_COMMENT_COUNT, LONGEST_NAME_COUNT = 4000, 400
