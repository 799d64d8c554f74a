"""A changed helper file takes effect after a reload; in a process and on a copy of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[2] / "LungSegmentation"

PROGRAM = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import numpy
import LungSegmentationLib
from LungSegmentationAdapter.Run import Reload
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.method import ParameterDescription

assert LungSegmentationLib.__file__.startswith(sys.argv[1])
description = ParameterDescription("size", "Size", "mm", 0, 9, 1, "")
errors = Path(sys.argv[1], "LungSegmentationLib", "errors.py")
errors.write_text(errors.read_text(encoding="utf-8") + "\\n\\nCHANGED = 'on disk'\\n")
Path(sys.argv[1], "LungSegmentationLib", "new_file.py").write_text("from .errors import CHANGED\\n")

dropped = Reload.dropHelperPackages()
assert {"LungSegmentationLib", "LungSegmentationLib.errors", "LungSegmentationAdapter.Run.Reload"} <= set(dropped), dropped
assert not [name for name in sys.modules if name.startswith("LungSegmentation")]
assert sys.modules["numpy"] is numpy

from LungSegmentationLib.new_file import CHANGED
from LungSegmentationLib.errors import InputError as NewInputError
import LungSegmentationLib as again

assert CHANGED == "on disk" and NewInputError is not InputError and again is not LungSegmentationLib
try:
    description.checked(10)  # what was made before still works, and raises what it knew
except InputError as error:
    print(error)
assert "imp" not in sys.modules
"""


def test_a_changed_helper_file_takes_effect_and_old_objects_live_on(tmp_path):
    for package in ("LungSegmentationLib", "LungSegmentationAdapter"):
        shutil.copytree(PACKAGES / package, tmp_path / package)
    run = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    assert run.stdout == "the parameter size is 10; expected a number from 0 to 9 mm\n"
