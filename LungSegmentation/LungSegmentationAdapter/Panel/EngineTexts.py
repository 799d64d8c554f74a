"""The engine's texts that the panel shows translated, for lupdate, which finds literals only."""

from __future__ import annotations

from slicer.i18n import translate


def engineTexts() -> tuple[str, ...]:
    """Give the names and explanations of labels, methods, windows and networks in the language of the application."""
    return (
        translate("LungSegmentation.Labels", "Right lung"),
        translate("LungSegmentation.Labels", "Left lung"),
        translate("LungSegmentation.Labels", "Airways"),
        translate("LungSegmentation.Labels", "Vessels of right lung"),
        translate("LungSegmentation.Labels", "Vessels of left lung"),
        translate("LungSegmentation.Methods", "Network"),
        translate(
            "LungSegmentation.Methods",
            "A small trained network finds the lungs, dense disease included; the border is decided by the density.",
        ),
        translate("LungSegmentation.Methods", "Threshold"),
        translate("LungSegmentation.Methods", "air is below it; half way between lung and soft tissue"),
        translate("LungSegmentation.Methods", "Closing radius"),
        translate("LungSegmentation.Methods", "vessels and nodules up to twice as wide are filled in; 0: none"),
        translate("LungSegmentation.Methods", "name of a network that is installed, or the path of its card NAME.json"),
        translate("LungSegmentation.Methods", "Slice step"),
        translate("LungSegmentation.Methods", "the network is run every so many mm; 0: as its card says"),
        translate("LungSegmentation.Methods", "Mirror averaging"),
        translate("LungSegmentation.Methods", "the network sees each slice mirrored too, and both answers are averaged"),
        translate("LungSegmentation.Methods", "3D connected components"),
        translate(
            "LungSegmentation.Methods",
            "Air inside the body is split into connected regions; the lungs are chosen among them. Fast, and good on most scans.",
        ),
        translate("LungSegmentation.Methods", "Body only"),
        translate("LungSegmentation.Methods", "air that the body does not surround (table, clothes) is not lung"),
        translate("LungSegmentation.Methods", "Find airways"),
        translate("LungSegmentation.Methods", "trachea, main and lobar bronchi are found and taken out of the lungs"),
        translate("LungSegmentation.Methods", "Leave out gas"),
        translate("LungSegmentation.Methods", "gas in stomach and bowel, as dark as the air in the trachea, is not lung"),
        translate("LungSegmentation.Methods", "Cut junctions"),
        translate("LungSegmentation.Methods", "lungs that hang together at a junction line are cut apart"),
        translate("LungSegmentation.Methods", "Recover dense disease"),
        translate("LungSegmentation.Methods", "masses and consolidation with lung around them become lung"),
        translate("LungSegmentation.Methods", "Working voxel"),
        translate("LungSegmentation.Methods", "voxel size of the grid on which the lungs' topology is decided"),
        translate("LungSegmentation.Methods", "Threshold and outlines"),
        translate(
            "LungSegmentation.Methods",
            "Closed sub-voxel outlines at a density in each slice, kept where they are large or continue from slice to slice. Also for a single slice.",  # noqa: E501  lupdate wants it in one piece
        ),
        translate("LungSegmentation.Methods", "Lowest mean density"),
        translate("LungSegmentation.Methods", "an outline that is darker on average holds gas, not lung; -1024: none does"),
        translate("LungSegmentation.Methods", "Smallest area"),
        translate("LungSegmentation.Methods", "an outline whose convex hull is at least as large may be lung by itself"),
        translate("LungSegmentation.Methods", "Shortest region"),
        translate("LungSegmentation.Methods", "smaller outlines may be lung if they overlap from slice to slice over this height"),
        translate("LungSegmentation.Methods", "voxel size of the grid on which the outlines are drawn and chosen"),
        translate("LungSegmentation.Methods", "Contour tracking"),
        translate(
            "LungSegmentation.Methods",
            "Contours of air are followed from slice to slice, out from where both lungs are certain and back; the trachea falls away.",
        ),
        translate("LungSegmentation.Methods", "voxel size of the grid on which contours are followed"),
        translate("LungSegmentation.Methods", "Table width"),
        translate("LungSegmentation.Methods", "a table thinner than this does not hold up the background"),
        translate("LungSegmentation.Methods", "Filling box"),
        translate("LungSegmentation.Methods", "box filter that fills the holes of the coarse mask"),
        translate("LungSegmentation.Methods", "Contours per slice"),
        translate("LungSegmentation.Methods", "the largest contours of a slice that are followed"),
        translate("LungSegmentation.Methods", "Jaccard threshold"),
        translate("LungSegmentation.Methods", "a contour goes on in the next slice (1 mm away) where the two overlap more than this"),
        translate("LungSegmentation.Presets", "Lung"),
        translate("LungSegmentation.Presets", "Mediastinum"),
        translate("LungSegmentation.Presets", "Soft tissue"),
        translate("LungSegmentation.Presets", "Bone"),
        translate("LungSegmentation.Presets", "Pulmonary vessels (contrast)"),
        translate("LungSegmentation.Presets", "Emphysema"),
        translate("LungSegmentation.Presets", "Full range"),
        translate("LungSegmentation.Networks", "Compact U-Net"),
        translate("LungSegmentation.Networks", "Residual network at full resolution"),
        translate("LungSegmentation.Networks", "U-Net of three levels"),
    )
