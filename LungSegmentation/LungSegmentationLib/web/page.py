"""HTML pages of one file that load nothing: a template with its scripts and styles, which alone may run."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template

_ASSETS = Path(__file__).with_name("assets")


def make_page(template: str, styles: Sequence[str], scripts: Sequence[str], values: Mapping[str, str], more_policy: str = "") -> str:
    """Fill a template.

    Parameters
    ----------
    template : str
        Name of the HTML file with ``$policy``, ``$style``, ``$script`` and the names of ``values``.
    styles, scripts : sequence of str
        Names of the CSS and JavaScript files, in their order.
    values : mapping of str to str
        What else the template names, safe to stand in HTML (:func:`html.escape`, :func:`json_text`, base64).
    more_policy : str
        Further directives of the Content-Security-Policy.

    Returns
    -------
    str
        The page. Its policy lets run the scripts and styles that it was made with, and nothing else.

    References
    ----------
    W3C, Content Security Policy Level 3, section 8.4 (hashes of inline scripts).
    """
    style, script = joined(tuple(styles)), "\n'use strict';\n" + joined(tuple(scripts))
    directives = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "img-src data:", more_policy]
    directives += [f"script-src {_hash(script)}", f"style-src {_hash(style)}"]
    policy = "; ".join(filter(None, directives))
    return Template(asset(template)).substitute(values, policy=policy, style=style, script=script)


def json_text(value: object) -> str:
    """Write JSON that can stand between script tags: it ends none, and begins no comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def asset(name: str) -> str:
    """Give the text of a file beside the pages' code."""
    return (_ASSETS / name).read_text(encoding="utf-8")


@cache
def joined(names: tuple[str, ...]) -> str:
    """Give the texts of several files, one after the other."""
    return "\n".join(asset(name) for name in names)


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"
