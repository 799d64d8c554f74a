"""Warnings of segmenting and comparing, and why a method was chosen, for lupdate.

:mod:`.Templates` gives them to ``slicer.i18n.translate`` when a text is shown; see there for what braces stand for.
"""

from __future__ import annotations

from .TextMarks import QT_TRANSLATE_NOOP

WARNINGS = (
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image does not hold the whole lungs: they are cut at the {ends}; volumes are those of the part shown.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "No trachea was found: airways, if any are in the image, are counted as lung."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "{volume} L of air without lung structure on the right was left out of the lung: pneumothorax or giant bulla.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "{volume} L of air without lung structure on the left was left out of the lung: pneumothorax or giant bulla.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "No right lung was found: it may be absent, fully dense, or outside the image."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "No left lung was found: it may be absent, fully dense, or outside the image."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The right lung ({smaller} mL) is much smaller than the left one ({larger} mL): dense disease, effusion or collapse may be missing from it.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The left lung ({smaller} mL) is much smaller than the right one ({larger} mL): dense disease, effusion or collapse may be missing from it.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image is only {height} mm high: airways were not looked for, and small outlines were left out.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image was turned to segment it; right and left are those of the header and may be exchanged as well: compare them with the heart and the liver.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image was turned to segment it; right and left were taken from the anatomy as it lies, unmirrored: compare them with the heart and the liver.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image was turned to segment it; right and left are those of the header, and the heart lies on the left.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image was turned to segment it; right and left were taken from the anatomy, and the heart lies on the left.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The image was turned to segment it; right and left were taken from the heart, which would lie on the right otherwise: compare them with the liver.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "How the patient lies could not be told for certain, so the image was taken as its header says: right and left may be wrong; look at the image and correct its header.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "The edge of the image is filled with {values} HU: it was not measured, and was left out.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "{count} of {total} axial slices ({counts}) hold nothing but {values} HU: they were not measured, and were left out.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "{count} voxels lay outside {lowest} to {highest} HU and were clipped."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "A transform bends the image by up to {distance} mm, and changes volumes by {percent} %: it was segmented and measured in its own voxels, without that.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "{provider} did not start ({reason}); the network runs on {fallback}."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        '"right lung" of {whose} lies in the patient\'s left half: right and left look exchanged.',
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        '"left lung" of {whose} lies in the patient\'s right half: right and left look exchanged.',
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        '"right lung" of {whose} lies in the patient\'s left half, as the anatomy shows it: right and left look exchanged.',
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        '"left lung" of {whose} lies in the patient\'s right half, as the anatomy shows it: right and left look exchanged.',
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Warnings",
        "Both lungs agree (Dice {both}) but neither side does ({right} and {left}): right and left are exchanged {where}; exchange them there, or name its numbers with a labels map.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "The best classical method, because the network {name} is not there."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "The network, in numpy: ONNX Runtime, with which it takes less time, is not installed."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "The default; in ONNX Runtime where it works, else in numpy."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "ONNX Runtime is not installed."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "It broke the process down in its trial run."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "It failed in its trial run ({error}: {reason})."),
    QT_TRANSLATE_NOOP("LungSegmentation.Warnings", "{percent} % of its labels differ from numpy's for the network {name}."),
)
"""Warnings, sentence by sentence. Those of readers of files are not among them: Slicer reads the files."""
