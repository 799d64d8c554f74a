"""Texts that no spreadsheet program takes for a formula: what every CSV file and workbook passes its texts through.

A name of a file or a group may come from anybody, and a cell that begins with ``=`` is worked out when the table is opened.

References
----------
OWASP, CSV Injection: such a cell begins with a single quote instead. https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import re

# At the beginning, and behind what a program may take for the end of a cell: where the decimal sign is a comma, a
# semicolon divides cells, and the quotes around a text with one do not hold there.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])")
_PLAIN = r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_NUMBER = re.compile(rf"[+-]?{_PLAIN}(±{_PLAIN})?")


def spreadsheet_text(text: str) -> str:
    """Quote a text that would begin a formula; a number that is written as text, also with its ± part, stays as it is.

    Parameters
    ----------
    text : str
        Of one cell or header.

    Returns
    -------
    str
        With a single quote before what would begin a formula.
    """
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'", text)
