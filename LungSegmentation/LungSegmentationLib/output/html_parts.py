"""The parts that HTML reports are made of: every text is escaped, every picture lies in the page itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from .report_style import STYLE

if TYPE_CHECKING:
    from PIL import Image

_JPEG_QUALITY = 88
_PNG_LEVEL = 4  # charts shrink hardly further at higher ones, which take several times as long


def document(title: str, sections: Sequence[str], more_style: str = "") -> str:
    """Make an HTML 5 document of sections that opens without a network; empty sections are left out."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}{more_style}</style>\n</head>\n<body>\n"
        + "\n".join(filter(None, sections))
        + "\n</body>\n</html>\n"
    )


def section(title: str, *parts: str) -> str:
    """Put parts below a heading."""
    return f"<section>\n<h2>{escape(title)}</h2>\n" + "\n".join(filter(None, parts)) + "\n</section>"


def folded(title: str, content: str) -> str:
    """Fold content away under a title that opens it."""
    return f"<details><summary>{escape(title)}</summary>\n{content}\n</details>"


def heading(text: str) -> str:
    """Write a heading inside a section."""
    return f"<h3>{escape(text)}</h3>"


def wide(content: str) -> str:
    """Let content that is wider than the page scroll."""
    return f'<div class="wide">{content}</div>'


def paragraph(text: str, kind: str = "") -> str:
    """Write a paragraph; ``kind`` is its class in the style."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def bullets(items: Sequence[str]) -> str:
    """Write a list."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def cell(tag: str, text: str, kind: str = "", span: int = 1) -> str:
    """Write a ``td`` or ``th``; ``span`` is how many columns it reaches over."""
    kinds = f' class="{kind}"' if kind else ""
    spans = f' colspan="{span}"' if span > 1 else ""
    return f"<{tag}{kinds}{spans}>{escape(text)}</{tag}>"


def table(head: Sequence[str], body: Sequence[Sequence[str]], texts: int = 1, top: str = "") -> str:
    """Write a table.

    Parameters
    ----------
    head : sequence of str
        Titles of the columns.
    body : sequence of sequence of str
        Rows of as many cells.
    texts : int
        How many columns on the left are text; the others are numbers, set to the right.
    top : str
        Cells of a row above the titles, as :func:`cell` makes them.

    Returns
    -------
    str
    """
    kinds = [""] * texts + ["number"] * (len(head) - texts)
    rows = ["<tr>" + "".join(cell("td", text, kind) for text, kind in zip(row, kinds, strict=True)) + "</tr>" for row in body]
    titles = "".join(cell("th", text, kind) for text, kind in zip(head, kinds, strict=True))
    above = f"<tr>{top}</tr>" if top else ""
    return f"<table><thead>{above}<tr>{titles}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def facts(values: Mapping[str, str]) -> str:
    """Write names with their values below each other."""
    rows = "".join(f"<tr>{cell('th', name)}{cell('td', value)}</tr>" for name, value in values.items())
    return f'<table class="facts"><tbody>{rows}</tbody></table>'


def figure(picture: Image.Image, caption: str, kind: str = "PNG") -> str:
    """Put a picture with a caption into the page; ``kind`` is PNG for charts, JPEG for scans."""
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, quality=_JPEG_QUALITY, compress_level=_PNG_LEVEL)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = escape(caption)
    image = f'<img src="data:image/{kind.lower()};base64,{data}" alt="{text}" width="{picture.width}" height="{picture.height}">'
    return f"<figure>{image}<figcaption>{text}</figcaption></figure>"
