"""For the Slicer application: what is installed is whole, and the module's own test passes.

Run with ctest, or in Slicer's Python console by ``slicer.testing.runUnitTest([FOLDER_OF_THIS_FILE], "LungSegmentationInSlicerTest")``.
"""

import importlib
import pkgutil
import unittest

import slicer

import LungSegmentationAdapter
import LungSegmentationLib
from LungSegmentation import LungSegmentationTest
from LungSegmentationLib.methods.network import DEFAULT_MODEL
from LungSegmentationLib.network.model_store import check_file, find_model, list_models

__all__ = ["InstallationTest", "LungSegmentationTest"]


class InstallationTest(unittest.TestCase):
    """The files that the module and the engine read are there, and nothing asks for a package that Slicer lacks."""

    def test_everyPythonFileCanBeImported(self):
        imported = set()
        for package in (LungSegmentationLib, LungSegmentationAdapter):
            for entry in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                if not entry.name.endswith(".__main__"):  # would start the command line
                    importlib.import_module(entry.name)
                    imported.add(entry.name)
        self.assertIn("LungSegmentationLib.tables.rows", imported)
        self.assertIn("LungSegmentationAdapter.Scene.Nodes", imported)

    def test_moduleIsLoadedWithIcon(self):
        module = slicer.modules.lungsegmentation
        self.assertEqual(module.name, "LungSegmentation")
        self.assertFalse(module.icon.isNull())

    def test_networksAreTheOnesOfTheirCards(self):
        names = {model.card.name for model in list_models()}
        self.assertIn(DEFAULT_MODEL, names)
        for name in names:
            check_file(find_model(name))
