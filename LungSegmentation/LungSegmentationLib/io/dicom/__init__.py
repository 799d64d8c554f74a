"""CT series, segmentations (SEG) and structure sets (RTSTRUCT) in DICOM."""
