"""What users are asked before packages are installed, in their language."""

from __future__ import annotations

from collections.abc import Mapping

from slicer.i18n import tr as _
from slicer.i18n import translate


def question(purposes: Mapping[str, str], method: str | None = None, *, isForSpeed: bool = False) -> str:
    """Ask whether packages are to be installed.

    Parameters
    ----------
    purposes : mapping of str to str
        What each package is for, in English, by its name.
    method : str, optional
        Title of the method that needs them, in English; None for a workbook, and for the network, which they make faster.
    isForSpeed : bool

    Returns
    -------
    str
    """
    if isForSpeed:
        why = _("The network runs as it is; it takes less time with what Slicer does not have:")
    elif method is None:
        why = _("An Excel workbook needs what Slicer does not have yet:")
    else:
        title = translate("LungSegmentation.Methods", method)
        why = _("The method {title} needs what Slicer does not have yet:").format(title=title)
    listed = "\n".join(f"- {name}: {translate('LungSegmentation.Packages', purpose)}" for name, purpose in purposes.items())
    return f"{why}\n\n{listed}\n\n" + _("Download and install it now? This needs the internet, once.")
