"""What programs and notebooks use: any image in, the same labels out, in the forms that other libraries know."""

import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from dicom_files import positions_along_normal, write_series
from phantoms import small_phantom

import LungSegmentationLib
from LungSegmentationLib import CtVolume, InputError, Segmentation, read_ct, segment
from LungSegmentationLib.output.label_files import write_nifti

METHOD = "connected-components"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """One scan as DICOM and as NIfTI."""
    folder = tmp_path_factory.mktemp("scan")
    volume = small_phantom().volume
    write_nifti(volume.voxels_hu, volume, folder / "ct.nii.gz")
    z_mm, y_mm, x_mm = volume.spacing_zyx_mm

    def place(dataset, index):
        dataset.PixelSpacing, dataset.SliceThickness = [y_mm, x_mm], z_mm

    positions = positions_along_normal(len(volume.voxels_hu), z_mm, volume.origin_lps_mm)
    write_series(folder / "dicom", volume.voxels_hu, positions, edit=place)
    return folder


@pytest.fixture(scope="module")
def expected() -> Segmentation:
    return segment(small_phantom().volume, METHOD)


def scan_as(kind: str, folder: Path) -> tuple[object, dict[str, object]]:
    path = folder / "ct.nii.gz"
    if kind == "nibabel image":
        return nibabel.load(path), {}
    if kind == "array":
        image = nibabel.load(path)
        return np.asarray(image.dataobj), {"affine": image.affine}
    return {
        "DICOM": folder / "dicom",
        "NIfTI": str(path),
        "SimpleITK image": sitk.ReadImage(str(path)),
        "CtVolume": read_ct(path),
    }[kind], {}


@pytest.mark.parametrize("kind", ["DICOM", "NIfTI", "SimpleITK image", "nibabel image", "array", "CtVolume"])
def test_every_kind_of_input_gives_the_same_labels(kind, folder, expected):
    image, more = scan_as(kind, folder)
    result = segment(image, METHOD, **more)
    assert np.array_equal(result.labels, expected.labels)
    assert result.volume.spacing_zyx_mm == pytest.approx(expected.volume.spacing_zyx_mm, abs=1e-4)
    assert result.volume.origin_lps_mm == pytest.approx(expected.volume.origin_lps_mm, abs=1e-3)


def test_an_array_in_other_axes_gives_the_same_lungs(folder, expected):
    turned = nibabel.load(folder / "ct.nii.gz").as_reoriented(np.array([[1, -1], [2, 1], [0, -1]]))
    result = segment(np.asarray(turned.dataobj), METHOD, affine=turned.affine)
    back = nibabel.as_closest_canonical(result.to_nibabel())
    assert np.array_equal(np.asarray(back.dataobj), np.asarray(nibabel.as_closest_canonical(expected.to_nibabel()).dataobj))
    assert np.allclose(back.affine, nibabel.as_closest_canonical(expected.to_nibabel()).affine, atol=1e-3)


def test_labels_lie_on_the_scan_in_sitk_and_nibabel(folder, expected):
    scan, labels = sitk.ReadImage(str(folder / "ct.nii.gz")), expected.to_sitk()
    assert labels.GetSize() == scan.GetSize()
    assert np.allclose(labels.GetOrigin(), scan.GetOrigin(), atol=1e-3)
    assert np.allclose(labels.GetDirection(), scan.GetDirection(), atol=1e-6)
    assert np.array_equal(sitk.GetArrayFromImage(labels), expected.labels)
    image = expected.to_nibabel()
    assert np.allclose(image.affine, nibabel.load(folder / "ct.nii.gz").affine, atol=1e-3)
    # The right lung lies at the right, which RAS counts down from.
    x_mm = [nibabel.affines.apply_affine(image.affine, np.argwhere(np.asarray(image.dataobj) == side))[:, 0].mean() for side in (1, 2)]
    assert x_mm[0] > x_mm[1]


def test_measures_are_tables_with_the_phantoms_volumes(expected):
    tables = expected.measure()
    assert set(tables) == {"volumes", "slices", "density", "airways", "airway_branches", "quality"}
    volumes = tables["volumes"].set_index("region")["volume_ml"]
    phantom = small_phantom()
    truth_ml = np.count_nonzero(phantom.labels == 1) * phantom.volume.voxel_volume_ml
    assert volumes["Right lung"] == pytest.approx(truth_ml, rel=0.01)
    assert all(isinstance(table, pd.DataFrame) for table in tables.values())


def test_without_pandas_measures_are_rows(expected, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = expected.measure()["volumes"]
    assert rows[0]["region"] == "Right lung"
    assert isinstance(rows[0]["volume_ml"], float)


def test_without_nibabel_its_image_is_refused_in_one_line(expected, monkeypatch):
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(InputError, match="pip install nibabel"):
        expected.to_nibabel()


def test_save_writes_what_the_command_writes(expected, tmp_path):
    expected.save(tmp_path / "result")
    assert {"labels.nii.gz", "volumes.csv", "report.html", "summary.json"} <= {path.name for path in (tmp_path / "result").iterdir()}
    assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "result" / "labels.nii.gz"))), expected.labels)


def test_it_says_what_it_is_in_three_lines_and_shows_a_picture(expected):
    first, second, third = repr(expected).splitlines()
    assert first == "Segmentation of phantom by connected-components, 90 × 128 × 128 voxels of 3.4 × 2.8 × 2.8 mm (slice, row, column)"
    right_ml = np.count_nonzero(expected.labels == 1) * expected.volume.voxel_volume_ml
    assert f"right lung {right_ml:.0f} mL" in second
    assert ".save(folder)" in third
    shown = expected._repr_html_()
    assert shown.startswith('<figure><img src="data:image/png;base64,iVBOR')
    assert "phantom" in shown


def sheared_by(degrees: float) -> np.ndarray:
    affine = np.diag([2.8, 2.8, 3.4, 1.0])
    affine[0, 1] = 2.8 * np.tan(np.radians(degrees))
    return affine


@pytest.mark.parametrize(
    ("image", "affine", "says"),
    [
        (np.zeros((4, 4, 4), np.int16), None, "give affine="),
        (np.zeros((4, 4), np.int16), np.eye(4), "three dimensions"),
        (np.zeros((4, 4, 4, 2), np.int16), np.eye(4), "three dimensions"),
        (np.zeros((4, 4, 4), complex), np.eye(4), "one real number"),
        (np.zeros((4, 4, 4), np.int16), np.eye(3), r"\(3, 3\); expected a \(4, 4\)"),
        (np.zeros((4, 4, 4), np.int16), np.diag([1.0, 0.0, 1.0, 1.0]), "must be above 0"),
        (np.zeros((4, 4, 4), np.int16), np.full((4, 4), np.nan), "finite"),
        (np.zeros((4, 4, 4), np.int16), sheared_by(2.0), "2.00 degrees off"),
        (np.full((4, 4, 4), np.nan, np.float32), np.eye(4), "not numbers"),
        (np.zeros((4, 4, 4), np.int16), np.eye(4), "same value 0 everywhere"),
        (sitk.Image([4, 4], sitk.sitkInt16), None, "2 dimensions"),
        (sitk.Image([4, 4, 4], sitk.sitkVectorInt16, 2), None, "2 values a voxel"),
        ([[1, 2]], None, "of the type list"),
        (small_phantom().volume, np.eye(4), "belongs to an array"),
    ],
)
def test_what_is_no_scan_is_refused_with_what_would_be_right(image, affine, says):
    with pytest.raises(InputError, match=says):
        segment(image, METHOD, affine=affine)


def test_a_small_shear_is_put_right_and_noted():
    voxels = np.ascontiguousarray(small_phantom().volume.voxels_hu.transpose())
    volume = segment(voxels, METHOD, affine=sheared_by(0.1)).volume
    assert np.allclose(volume.direction_lps.T @ volume.direction_lps, np.eye(3), atol=1e-9)
    assert any("0.10 degrees off the right angle" in warning for warning in volume.warnings)


def test_the_package_shows_what_is_meant_and_imports_nothing_before_it_is_used():
    assert dir(LungSegmentationLib) == sorted(LungSegmentationLib.__all__)
    for name in LungSegmentationLib.__all__:
        assert getattr(LungSegmentationLib, name) is not None
    assert CtVolume.__module__ == "LungSegmentationLib.volume"
    code = (
        "import sys, threading, LungSegmentationLib as lib; before = threading.active_count()\n"
        "print(sorted({'numpy', 'scipy', 'SimpleITK', 'onnxruntime', 'pandas', 'nibabel'} & set(sys.modules)))\n"
        "lib.segment; print(sorted({'onnxruntime', 'pandas', 'nibabel', 'skimage'} & set(sys.modules)), threading.active_count() - before)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed == ["[]", "[] 0"]


def test_the_package_ships_its_types():
    assert (Path(LungSegmentationLib.__file__).parent / "py.typed").exists()
