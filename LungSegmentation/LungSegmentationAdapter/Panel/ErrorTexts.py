"""Errors that a user of the panel can meet, for lupdate.

:mod:`.Templates` gives them to ``slicer.i18n.translate`` when a text is shown; see there for what braces stand for.
"""

from __future__ import annotations

from .TextMarks import QT_TRANSLATE_NOOP

ERRORS = (
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "No air was found inside a body in {name}; expected a CT that shows at least a part of the lungs.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "No lung was found in {name}: less than {volume} mL of air of lung density inside the body; expected a CT that shows at least a part of the lungs.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "No lung was found in {name}: the network marked less than {volume} mL; expected a CT that shows at least a part of the lungs.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "No lung lies inside the region of interest {name}; draw it around lung, or choose none."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The region of interest {name} has no size; draw a box around what is meant."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has no value of {lowest} or more; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has the same value {value} everywhere; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has values from {low} to {high}, like a picture or a label map; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has values from {low} to {high} with air near 0 and soft tissue near 1000: stored values to which the rescale intercept (mostly -1024) was not applied; apply it (HU = slope * stored value + intercept) and try again.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has values from {low} to {high} and hardly any below {limit}, so no air; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has values from {low} to {high} and hardly any above {limit}, so no body; expected a CT in Hounsfield units, with air near -1000 and soft tissue near 0 to 100.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} is {width} m wide, {depth} m deep and {length} m long; a CT of a person is at most {widest} m across and {longest} m long: its voxel spacing must be wrong.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The voxel spacing is {spacing} mm (slice, row, column); each must lie in {smallest} to {largest} mm.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} has {count} axial slices; the method {method} needs a volume of at least {fewest}.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{name} has 1 axial slice; the method {method} needs a volume of at least {fewest}."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The method {method} has no probabilities; choose the method network."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "There is no method {method}; choose one of: {known}."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "There is no network {name}; expected one of {known}, or the path of a card NAME.json (folders searched: {folders}).",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The network {name} of the card {card} is not there; put it beside the card."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The network {name} cannot be started: {reason}."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The network {name} cannot be read ({reason}); install it again."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The network {name} has the SHA-256 {found_sum}; its card says {card_sum}: install both again.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The network {name} needs ONNX Runtime, which is not installed; install it in the section Advanced, or choose another network there.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{name} shows no sequence; choose a volume of a 4D scan, or segment it as it is."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The volume {name} was removed while it was segmented; the result was discarded."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} was made of frame {number} of {count} ({index}) of {other}, which now shows {shown}; choose that frame (module Sequences), or segment this one.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "No segment of {name} holds a voxel of the right or left lung within {other}; choose the segmentation that belongs to this volume, or segment the lungs first.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{packages} was not installed; {advice}."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{packages} could not be installed (is this computer online? the Python console says more); {advice} later.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{packages} is still missing after the installation; restart Slicer and try again."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The segmentation {name} was chosen as its own reference; choose another reference."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "None of the segments of {name} is known as right or left lung (segments: {segments}); name them 'right lung' and 'left lung', or set their terminology.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The lungs of {name} hold no voxel within {other}; choose the reference that belongs to this volume.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "None of the {count} segments of {name} has the terminology of Right lung, Left lung, Airways; set it by double-clicking the segment's colour.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The segment {name} has no binary label map; create one in the module Segmentations."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The segmentation {name} is kept as {representation}; make 'Binary labelmap' its source representation (module Segmentations), or choose a new segmentation.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "A transform bends the region of interest {name}; take it off the region first (module Transforms).",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "A transform stretches the region of interest {name}; take it off the region first (module Transforms).",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "A transform bends the volume {name}, so that the region of interest {other} lies elsewhere in its voxels; harden the transform (module Transforms), which resamples the volume, or choose no region.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "A transform bends the volume {name} by up to {distance} mm, and changes volumes by {percent} %; up to {most_distance} mm and {most_percent} % are left out of account: harden it (module Transforms), which resamples the volume, or remove it first.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "A transform of the volume {name} or of its segmentation is not linear; put both under the same transform, or harden it (module Transforms), which resamples the volume.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The voxels of {name} changed while they were handed over; try again."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{name} was removed meanwhile; the result was discarded."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The volume {name} holds values that are NaN or infinite; fill them with air (-1000 HU) first.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{name} was chosen as CT; choose a scalar volume."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The volume {name} is a label map; choose a CT in Hounsfield units."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The volume {name} has no voxels; load or choose a CT."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The volume {name} has {count} values per voxel; choose a volume with one value per voxel.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The volume {name} has the voxel spacing {spacing} mm; each must be larger than 0."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The axes of the volume {name} are not perpendicular (sheared, as with a tilted gantry or a shearing transform); resample it to a rectangular grid first (module Resample Scalar/Vector/DWI Volume).",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The folder {folder} already holds {files}; allow to replace them, or choose another folder.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{file} could not be written ({reason}); free some space or choose another folder."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{file} could not be written ({reason}); free some space or give another output folder."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{file} could not be written into the temporary folder {folder} ({reason}); free some space.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "{file} was not written to its end; is the disk full?"),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The output folder {folder} cannot be written ({reason}); give a folder that you may write to.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The output folder {folder} cannot be made ({reason}); give a folder that you may write to.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The temporary folder {folder} cannot be written ({reason}); choose another one in the settings.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{name} was read from {kind}; DICOM objects refer to the images that they were made from: give the DICOM series, or take segmentation.seg.nrrd.",  # noqa: E501  lupdate wants it in one piece
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "{file}, a slice of the scan, is not there any more; DICOM objects refer to it: read the scan again.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The segmentation process could not be spoken to ({reason}); try again."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The segmentation process {file} could not be started ({reason}); check that Slicer is installed whole.",
    ),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "There is not enough memory for this scan; close other data, or crop the volume."),
    QT_TRANSLATE_NOOP("LungSegmentation.Errors", "The segmentation failed ({error}: {reason})."),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "Slicer's DICOM database did not take the objects; the files were written all the same: add them in the module DICOM.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The segmentation process ended unexpectedly (exit code {code}), perhaps for want of memory; close other data and try again.",
    ),
    QT_TRANSLATE_NOOP(
        "LungSegmentation.Errors",
        "The segmentation process ended unexpectedly (it crashed or was killed), perhaps for want of memory; close other data and try again.",  # noqa: E501  lupdate wants it in one piece
    ),
)
"""Errors of the engine and of what brings scenes and engine together."""
