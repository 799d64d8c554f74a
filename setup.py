"""Packages of the wheel: the library, the adapter, and the trained networks, which lie beside them for 3D Slicer."""

from setuptools import find_packages, setup

MODELS = "LungSegmentationLib.network.models"
setup(
    packages=[*find_packages("LungSegmentation", include=["LungSegmentationLib*", "LungSegmentationAdapter*"]), MODELS],
    package_dir={"": "LungSegmentation", MODELS: "LungSegmentation/Resources/Models"},
    package_data={
        MODELS: ["*.onnx", "*.json"],
        "LungSegmentationLib": ["py.typed"],
        "LungSegmentationLib.presets": ["*.json"],
        "LungSegmentationLib.web": ["assets/*"],
    },
)
