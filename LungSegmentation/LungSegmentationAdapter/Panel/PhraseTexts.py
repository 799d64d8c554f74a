"""Parts of sentences that the engine puts into its texts, for lupdate.

:mod:`.Templates` gives them to ``slicer.i18n.translate`` when a text is shown; see there for what braces stand for.
"""

from __future__ import annotations

from .TextMarks import QT_TRANSLATE_NOOP

PHRASES = (
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", " and "),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "; and "),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "gas under them"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "air that does not hang together with them"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the trachea"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{end} ({area} cm²)"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{end} ({area} cm², a large part is missing)"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{end} ({area} cm², about {volume} mL are missing)"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the bottom"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the top"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the front"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the back"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the right edge"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the left edge"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the edge of the round field of view"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "slices without a measurement in the middle"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "bottom"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "top"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "front"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "back"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "right"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "left"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "head"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "feet"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "edge of the round field of view"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "slice {slice}"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{volume} mL"),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Phrases",
        "the axes are exchanged: the patient's head lies where the header says {head}, and the back where it says {back}",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "front and back are exchanged: the spine lies where the header says front"),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Phrases",
        "head and feet look exchanged: the windpipe enters the lungs from the end that the header calls the feet",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the spine runs from what it calls {start} to {end}"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the two sides mirror each other from what it calls {start} to {end}"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{count} at the lower end"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{count} between others"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "{count} at the upper end"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the segmentation"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the reference"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "in the segmentation"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "in the reference"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "in one of the two"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "frame {number} of {count} ({index})"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "no sequence"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "choose another method than {method}, or allow the installation"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "export CSV files, or allow the installation"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "the network runs without it; try"),
    QT_TRANSLATE_NOOP("LungSegmentation.Phrases", "an image without its DICOM files"),
)
"""What may stand where the other texts have braces; separators of lists among them."""
