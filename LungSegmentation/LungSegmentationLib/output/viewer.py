"""The viewer: one HTML file beside the report in which the scan can be looked through; it opens without a network."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..labels import LEFT_LUNG, REGIONS, RIGHT_LUNG, VESSEL_REGIONS
from ..presets.window_level import window_level_presets
from ..quality.findings import merged_findings
from ..quality.flag import KINDS, Box, quality_verdict
from ..segmentation import Segmentation
from ..version import __version__
from ..web.limits import BRIGHTEST_HU, DARKEST_HU
from ..web.packing import packed, prediction_errors
from ..web.page import json_text, make_page
from ..web.reduced_scan import COVERAGE_LEVELS, VESSELS, ReducedScan
from .picture_page import without_side_panel
from .result_pictures import ResultPictures

if TYPE_CHECKING:
    from PIL import Image

    from ..measures import Measures

VIEWER_NAME = "viewer.html"
_SCRIPTS = ("csv.js", "unpack.js", "scan.js", "contours.js", "planes.js", "surfaces.js", "rating_bar.js", "own_rating.js", "viewer.js")
_FALLBACK_WIDTH, _FALLBACK_QUALITY, _THUMBNAIL_QUALITY = 900, 70, 75


def labels_hash(path: Path) -> str:
    """Name the content of a file of labels, so that a rating says which labels it is of: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def write_viewer(result: Segmentation, measures: Measures, path: Path, labels_path: Path, pictures: ResultPictures | None = None) -> None:
    """Write the viewer.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
        For the findings.
    path : pathlib.Path
        The file.
    labels_path : pathlib.Path
        The result's label map as it was written; ratings name its content.
    pictures : ResultPictures, optional
        Of the same result, where they were drawn before.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    path.write_text(make_viewer(result, measures, labels_hash(labels_path), pictures), encoding="utf-8")


def make_viewer(result: Segmentation, measures: Measures, labels: str, pictures: ResultPictures | None = None) -> str:
    """Make the viewer's HTML.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    labels : str
        As :func:`labels_hash` gives it.
    pictures : ResultPictures, optional

    Returns
    -------
    str
        An HTML 5 document with the scan's voxels around the lungs, in 8 bits. It holds no name, path or UID.
    """
    pictures = pictures or ResultPictures(result)
    scan = pictures.scan
    regions = _regions(scan)
    fallback = without_side_panel(pictures.views, pictures.panels)
    fallback.thumbnail((_FALLBACK_WIDTH, fallback.height))
    values = {
        "version": escape(__version__),
        "thumbnail": _jpeg(pictures.thumbnail, _THUMBNAIL_QUALITY),
        "picture": _jpeg(fallback, _FALLBACK_QUALITY),
        "block": " × ".join(f"{factor:.3g}" for factor in scan.factors_zyx[::-1]),
        "facts": json_text(_facts(scan, regions, measures, labels)),
        "grey": packed(prediction_errors(scan.grey)),
        "regions": "\n".join(_region_elements(scan, regions)),
    }
    return make_page("viewer.html", ["viewer.css"], _SCRIPTS, values)


def _regions(scan: ReducedScan) -> list[dict[str, Any]]:
    regions = [
        {
            "key": region.key,
            "name": region.name,
            "colour": region.colour_rgb,
            "level": COVERAGE_LEVELS * scan.border(region.key),
            "isLung": region.label in (RIGHT_LUNG, LEFT_LUNG),
            "isTree": False,
        }
        for region in REGIONS
    ]
    if VESSELS in scan.coverage:
        colour = VESSEL_REGIONS[0].colour_rgb
        regions.append(
            {
                "key": VESSELS,
                "name": "Vessels",
                "colour": colour,
                "level": COVERAGE_LEVELS * scan.border(VESSELS),
                "isLung": False,
                "isTree": True,
            }
        )
    return regions


def _region_elements(scan: ReducedScan, regions: list[dict[str, Any]]) -> Iterator[str]:
    """Write the coverages, two in a byte, as elements of the page."""
    coverages = [scan.coverage[region["key"]] for region in regions]
    for number, low in enumerate(coverages[::2]):
        both = low | coverages[2 * number + 1] << 4 if 2 * number + 1 < len(coverages) else low
        yield f'<script type="text/plain" id="regions-{number}">{packed(both)}</script>'


def _facts(scan: ReducedScan, regions: list[dict[str, Any]], measures: Measures, labels: str) -> dict[str, Any]:
    start, step = scan.start_zyx[0] + (scan.factors_zyx[0] - 1) / 2, scan.factors_zyx[0]
    upside_down = scan.order.flipped[0]
    return {
        "labels": labels,
        "shape": scan.grey.shape[::-1],
        "spacing": [round(mm, 5) for mm in scan.spacing_zyx_mm[::-1]],
        "hu": [DARKEST_HU, BRIGHTEST_HU],
        "firstSlice": round(scan.shape_zyx[0] - 1 - start if upside_down else start, 4),
        "sliceStep": round(-step if upside_down else step, 6),
        "windows": [{"title": preset.title, "limits": preset.limits_hu(DARKEST_HU, BRIGHTEST_HU)} for preset in window_level_presets()],
        "regions": regions,
        "verdict": quality_verdict(measures.flags),
        "findings": list(_findings(scan, measures)),
    }


def _findings(scan: ReducedScan, measures: Measures) -> Iterator[dict[str, Any]]:
    """Give each finding once, and each of its places to go to; a run's warnings stay in the report, as they can hold names."""
    found = merged_findings(measures.flags, ())
    for kind in KINDS:
        for finding in found.of_kind.get(kind, ()):
            boxes = [_box(scan, place.box_zyx) for place in finding.places]
            yield {"kind": kind, "text": finding.text, **(boxes[0] if boxes else {"box": None, "at": None})}
            for place, box in zip(finding.places[1:], boxes[1:], strict=True):
                yield {"kind": kind, "text": f"{place.what}: {place.text}", **box}


def _box(scan: ReducedScan, box_zyx: Box) -> dict[str, Any]:
    """Bring a box of voxels of the scan's own array to the viewer's axes (x, y, z) and voxels, and give its middle."""
    spans = []
    for axis in (2, 1, 0):
        first, behind = box_zyx[scan.order.axes[axis]]
        if scan.order.flipped[axis]:
            first, behind = scan.shape_zyx[axis] - behind, scan.shape_zyx[axis] - first
        spans.append([round((end - scan.start_zyx[axis]) / scan.factors_zyx[axis], 2) for end in (first, behind)])
    return {"box": spans, "at": [round((first + behind) / 2 - 0.5, 2) for first, behind in spans]}


def _jpeg(picture: Image.Image, quality: int) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
