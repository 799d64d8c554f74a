"""What the checks of a result say where they do not pass (``LungSegmentationLib.quality``), for lupdate.

:mod:`.Templates` gives them to ``slicer.i18n.translate`` when a text is shown; see there for what braces stand for.
"""

from __future__ import annotations

from .TextMarks import QT_TRANSLATE_NOOP

FINDINGS = (
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The lungs hold {found}: stomach, bowel or airways may have been taken for lung."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The lungs are cut at {places} of the image: volumes are too small."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "Only what lies inside the region of interest {name} was kept: volumes, densities and all other figures are of that part alone, and its cut faces count as surface.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "Only what lies inside the region of interest {name} was kept, which holds {share} % of the lungs: volumes, densities and all other figures are of that part alone, and its cut faces count as surface.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The aorta may have been taken for lung."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Fat may have been taken for lung."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The aorta and fat may have been taken for lung."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Fat and the aorta may have been taken for lung."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "Dense tissue was taken for lung and nothing else speaks for it: consolidation, a tumour, or tissue beside the lung such as the aorta, the heart, a hernia, the diaphragm or the chest wall.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "No right lung was found: removed, without air, or missed."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "No left lung was found: removed, without air, or missed."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "No right and no left lung was found: removed, without air, or missed."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "The right lung is unusually small beside the other: collapse, resection, a raised diaphragm, or missed disease.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "The left lung is unusually small beside the other: collapse, resection, a raised diaphragm, or missed disease.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The trachea was not found or only in part: its air may be counted as lung."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "The airways are too large: they may have leaked into the lung, or the trachea is wide.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Part of the airways is as dense as lung: they may have leaked into it."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "{volume} L of air without lung structure on the right, around slice {slice}: pneumothorax or giant bulla.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "{volume} L of air without lung structure on the left, around slice {slice}: pneumothorax or giant bulla.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The header does not fit the anatomy: {faults}."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The header may not fit the anatomy: {doubt}."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Look at the image and correct its header."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Aerated lung was left out."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Aerated tissue was left out: lung, or bowel."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Soft tissue with lung around it was left out: consolidation or a mass may be missing."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "Soft tissue lies outside the right lung where the left side has lung: consolidation or a mass may be missing, or there is an effusion or a deformed chest.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "Soft tissue lies outside the left lung where the right side has lung: consolidation or a mass may be missing, or there is an effusion or a deformed chest.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The network is unsure whether dense tissue belongs to the lungs."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The network is unsure of {percent} % of the lungs' dense tissue, in small pieces."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Dense tissue was left out that the network takes for lung."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The network does not take a part of the lungs for lung."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "What is called the right lung lies on the patient's left: the sides are exchanged, or the image is mirrored.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "What is called the left lung lies on the patient's right: the sides are exchanged, or the image is mirrored.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "A part of one lung lies on the other side, apart from its own: it may belong to the other lung.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "Right and left lung touch far from the midline: the border between them may be misplaced.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The lungs are unusually large for an adult."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The lungs are unusually small for an adult."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Air is not near -1000 HU: densities are shifted."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "The scan is very noisy: the lungs' border is ragged, and emphysema indices are too high.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The slices are far apart: small structures and densities at borders are blurred."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The heart is bright: contrast medium was given, which raises lung density."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The header says so: contrast medium was given, which raises lung density."),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "The lungs are dense: the scan may be in expiration, or both are diseased."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "The lungs are dense and the trachea bows inwards: the scan may be in expiration, or both are diseased.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Findings", "Slice {places}."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "A large part of the right lung was taken for vessels: consolidation or scars may be among them, and all figures of vessels are too large there.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Findings",
        "A large part of the left lung was taken for vessels: consolidation or scars may be among them, and all figures of vessels are too large there.",  # noqa: E501  lupdate wants it in one piece
    ),
)
"""Findings, coverage and notes, sentence by sentence."""
