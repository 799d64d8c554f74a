"""Folders of results for tests of the review: made by the engine's own writers, with figures as wanted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from LungSegmentationLib.measures import measure
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.summary import write_summary
from LungSegmentationLib.output.viewer import write_viewer
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume


def small_result(seed: int = 0) -> Segmentation:
    """Give two boxes of lung in some tissue."""
    shape = (12, 24, 30)
    labels = np.zeros(shape, np.uint8)
    labels[2:10, 6:18, 4:13] = 1
    labels[2:10, 6:18, 17 : 26 - seed % 3] = 2
    voxels = np.where(labels == 0, 40, -850 + seed).astype(np.int16)
    return Segmentation(CtVolume(voxels, (5.0, 4.0, 4.0), name=f"scan{seed}"), labels, "network", uncertainty=0.01)


def write_result_folder(folder: Path, result: Segmentation | None = None, **changes: object) -> Path:
    """Write summary, labels and viewer of a result.

    Parameters
    ----------
    folder : pathlib.Path
    result : Segmentation, optional
    **changes : object
        What the summary says instead: ``volume_ml``, ``mean_hu``, ``uncertainty``, ``verdict``, ``method``, ``file_name``, ``flags``.
    """
    folder.mkdir(parents=True)
    result = result or small_result()
    measures = measure(result)
    write_nifti(result.labels, result.volume, folder / "labels.nii.gz")
    write_viewer(result, measures, folder / "viewer.html", folder / "labels.nii.gz")
    (folder / "report.html").write_text("<!DOCTYPE html><title>report</title>")
    write_summary(result, measures, {}, folder / "summary.json")
    change_summary(folder / "summary.json", **changes)
    return folder


def change_summary(path: Path, **changes: object) -> None:
    """Write other facts into a summary; see :func:`write_result_folder`."""
    summary = json.loads(path.read_text(encoding="utf-8"))
    places = {
        "volume_ml": summary["regions"]["both_lungs"],
        "mean_hu": summary["regions"]["both_lungs"],
        "uncertainty": summary,
        "method": summary,
        "verdict": summary["quality"],
        "coverage": summary["quality"],
        "flags": summary["quality"],
        "file_name": summary["input"],
    }
    for key, value in changes.items():
        places[key][key] = value
    path.write_text(json.dumps(summary), encoding="utf-8")
