"""The report's words on quality: the verdict with its findings, coverage, notes on the scan, and everything that was checked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..quality.flag import KINDS, Kind, QualityFlag, coverage_verdict, quality_verdict, standing_out
from ..segmentation import Segmentation
from . import html_parts as html
from .finding_pictures import draw_findings

_VERDICT_TEXTS = {
    "pass": "No problems detected.",
    "review": "Look at these findings before using the figures.",
    "fail": "Do not use the figures as they are.",
}
_KIND_TITLES: dict[Kind, str] = {"quality": "Segmentation", "coverage": "Coverage", "note": "Scan"}


def verdict_line(flags: Sequence[QualityFlag]) -> str:
    """Say in one line whether the figures can be used, and whether the lungs are cut."""
    verdict = quality_verdict(flags)
    cut = " The image does not hold the whole lungs." if coverage_verdict(flags) == "cut" else ""
    return f'<p class="verdict {verdict}"><strong>{verdict}</strong> {_VERDICT_TEXTS[verdict]}{cut}</p>'


def quality_sections(result: Segmentation, flags: Sequence[QualityFlag]) -> list[str]:
    """Make the sections; what has nothing to say is left out.

    Parameters
    ----------
    result : Segmentation
        For the pictures of the findings.
    flags : sequence of QualityFlag

    Returns
    -------
    list of str
        HTML.
    """
    found, coverage, notes = (standing_out(flags, kind) for kind in KINDS)
    cut = f'<p class="verdict cut"><strong>cut</strong> {escape(" ".join(flag.reason for flag in coverage))}</p>'
    return [
        html.section("Quality of the segmentation", _findings(found), *_pictures(result, flags)) if found else "",
        html.section("Coverage", cut) if coverage else "",
        html.section("Notes on the scan", html.bullets([flag.reason for flag in notes])) if notes else "",
    ]


def checks_section(flags: Sequence[QualityFlag]) -> str:
    """Make the table of everything that was checked, each kind under its title."""
    rows = []
    for kind in KINDS:
        of_kind = [flag for flag in flags if flag.kind == kind]
        if of_kind:
            rows.append(f"<tr>{html.cell('th', _KIND_TITLES[kind], span=5)}</tr>")
        rows += [_row(flag) for flag in of_kind]
    head = "".join(html.cell("th", text) for text in ("", "What", "Value", "Passes", "Finding"))
    return html.section("What was checked", f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>")


def _row(flag: QualityFlag) -> str:
    value = "–" if flag.value is None else f"{flag.value:.0f}" if abs(flag.value) >= 20 else f"{flag.value:.1f}"
    cells = (flag.title, f"{value} {flag.unit}" if flag.value is not None else value, flag.limit, flag.in_words)
    mark = f'<td><span class="flag {flag.verdict}">{flag.verdict}</span></td>'
    kinds = ("", "number", "", "")
    return "<tr>" + mark + "".join(html.cell("td", text, kind) for text, kind in zip(cells, kinds, strict=True)) + "</tr>"


def _pictures(result: Segmentation, flags: Sequence[QualityFlag]) -> list[str]:
    """Show where the findings lie."""
    captions = "the axial slice in the lung window and as soft tissue, and the coronal slice through the middle of the frame"
    return [
        html.figure(picture, f"{flag.title}: {place.what}, {place.text}; {captions}", "JPEG")
        for flag, place, picture in draw_findings(result, flags)
    ]


def _findings(flags: Sequence[QualityFlag]) -> str:
    return html.bullets([flag.in_words for flag in flags]) if flags else ""
