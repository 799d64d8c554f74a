"""What several files show of a result: each drawn, or reduced, once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..segmentation import Segmentation
from ..volume import to_canonical
from ..web.reduced_scan import ReducedScan, reduced_scan
from .overview_panels import draw_panel
from .overview_views import View, choose_views
from .picture_page import pixels_per_mm

if TYPE_CHECKING:
    from PIL import Image

_CORONAL = 3
_THUMBNAIL_PIXELS = (120, 110)


class ResultPictures:
    """Views of a result with the outlines of its regions.

    Parameters
    ----------
    result : Segmentation
        On any grid; it is shown along the scan's own axes nearest to LPS.
    """

    def __init__(self, result: Segmentation) -> None:
        self.result = result

    def drawn(self, with_scan: bool) -> ResultPictures:
        """Draw what pages share before several threads look at it; the reduced scan only where a page wants it."""
        for picture in ("panels", "scan") if with_scan else ("panels",):
            getattr(self, picture)
        return self

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Three axial views, a coronal one and a sagittal one through each lung."""
        volume, order = to_canonical(self.result.volume, copy=False)
        return choose_views(volume, order.view(self.result.labels))

    @cached_property
    def scan(self) -> ReducedScan:
        """The scan on coarser voxels."""
        return reduced_scan(self.result)

    @cached_property
    def panels(self) -> list[Image.Image]:
        """The views as pictures, at the scale at which they fit the page."""
        scale = pixels_per_mm(self.views)
        return [draw_panel(view, scale) for view in self.views]

    @cached_property
    def thumbnail(self) -> Image.Image:
        """The coronal view, small and without letters."""
        view = self.views[_CORONAL]
        scale = min(pixels / mm for pixels, mm in zip(_THUMBNAIL_PIXELS, view.size_mm, strict=True))
        return draw_panel(view, scale, annotated=False)
