"""Measures as tables of other tools: the columns they have, and values computed anew from the voxels by the tools' definitions."""

import csv

import numpy as np
import pytest
from phantoms import small_phantom
from scipy import stats

from LungSegmentationLib.cohort.identity import run_parameters
from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.result_folder import save_result
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.tables.pyradiomics_layout import first_order

# In the order of CIP's files.
CIP_COLUMNS = [
    *("Version", "Machine", "OS_Name", "OS_Version", "OS_Kernel", "OS_Arch", "Run_TimeStamp", "Generator", "CID", "Region", "Type"),
    *("LAA950", "LAA925", "LAA910", "LAA905", "LAA900", "LAA875", "LAA856", "HAA700", "HAA600", "HAA500", "HAA250", "Perc10", "Perc15"),
    *("HUMean", "HUStd", "HUKurtosis", "HUSkewness", "HUMode", "HUMedian", "HUMin", "HUMax"),
    *("HUMean950", "HUStd950", "HUKurtosis950", "HUSkewness950", "HUMode950", "HUMedian950", "HUMin950", "HUMax950"),
    *("HUMean500", "HUStd500", "HUKurtosis500", "HUSkewness500", "HUMode500", "HUMedian500", "HUMin500", "HUMax500"),
    *("Volume", "Mass", "TypeFrac"),
]
LUNGS = {"WholeLung": (1, 2), "RightLung": (1,), "LeftLung": (2,)}


@pytest.fixture(scope="module")
def result():
    """Give a phantom's true labels, with some dense and some very thin voxels in the right lung."""
    phantom = small_phantom()
    hu = phantom.volume.voxels_hu.copy()
    places = np.flatnonzero(phantom.labels == 1)
    hu.flat[places[::7]] = np.linspace(-1010, 300, len(places[::7])).astype(np.int16)
    volume = type(phantom.volume)(
        hu, phantom.volume.spacing_zyx_mm, phantom.volume.origin_lps_mm, phantom.volume.direction_lps, name="case 7", source={}
    )
    return Segmentation(volume, phantom.labels, "connected-components")


@pytest.fixture(scope="module")
def tables(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("result") / "out"
    save_result(result, folder, table_layouts=("CIP", "pyradiomics"))
    return {name: rows_of(folder / name) for name in ("cip_phenotypes.csv", "pyradiomics.csv")}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_cip_has_its_columns_and_names_no_computer(tables):
    rows = tables["cip_phenotypes.csv"]
    assert list(rows[0]) == CIP_COLUMNS
    assert [(row["CID"], row["Region"], row["Type"]) for row in rows] == [("case 7", region, "WildCard") for region in LUNGS]
    assert not any(row[name] for row in rows for name in ("Machine", "OS_Name", "OS_Version", "OS_Kernel", "OS_Arch", "Run_TimeStamp"))


@pytest.mark.parametrize("region", LUNGS)
def test_cips_values_are_those_of_its_definitions(region, tables, result):
    (row,) = (row for row in tables["cip_phenotypes.csv"] if row["Region"] == region)
    hu = result.volume.voxels_hu[np.isin(result.labels, LUNGS[region])].astype(float)
    expected = {f"LAA{limit}": np.mean(hu < -limit) for limit in (950, 925, 910, 905, 900, 875, 856)}
    expected |= {f"HAA{limit}": np.mean(hu > -limit) for limit in (700, 600, 500, 250)}
    expected |= {"Perc10": np.percentile(hu, 10), "Perc15": np.percentile(hu, 15), "TypeFrac": 1.0}
    for part, values in (("", hu), ("950", hu[hu < -950]), ("500", hu[hu < -500])):
        if len(values) == 0:
            assert not any(row[f"HU{name}{part}"] for name in ("Mean", "Std", "Kurtosis", "Skewness", "Mode", "Median", "Min", "Max"))
            continue
        expected |= {f"HUMean{part}": values.mean(), f"HUStd{part}": values.std(), f"HUMedian{part}": np.median(values)}
        expected |= {f"HUMin{part}": values.min(), f"HUMax{part}": values.max(), f"HUMode{part}": stats.mode(values).mode}
        expected |= {f"HUKurtosis{part}": stats.kurtosis(values, bias=False), f"HUSkewness{part}": stats.skew(values, bias=False)}
    expected["Volume"] = len(hu) * np.prod(result.volume.spacing_zyx_mm) / 1e6
    slope = (0.93 - 0.00121) / (1000 - 98)
    pieces = [0.00121 + slope * (np.maximum(hu, -1000) + 1000), 1.018 + 0.893e-3 * hu, 1.003 + 1.169e-3 * hu, 1.017 + 0.592e-3 * hu]
    density = np.select([hu < -98, hu <= 18, hu <= 100], pieces[:3], pieces[3])
    expected["Mass"] = density.sum() * np.prod(result.volume.spacing_zyx_mm) / 1000
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=1e-9, abs=1e-8)
    assert set(CIP_COLUMNS[11:]) - set(expected) <= {name for name in CIP_COLUMNS if name.endswith(("950", "500"))}


def test_pyradiomics_values_are_those_of_its_definitions(tables, result):
    rows = tables["pyradiomics.csv"]
    assert [(row["Image"], row["Mask"], row["Label"]) for row in rows] == [
        ("case 7", name, str(label)) for label, name in enumerate(("right_lung", "left_lung", "airways"), start=1)
    ]
    voxel_mm3 = np.prod(result.volume.spacing_zyx_mm)
    for row in rows:
        hu = result.volume.voxels_hu[result.labels == int(row["Label"])].astype(float)
        low, quarter, high_quarter, high = np.percentile(hu, (10, 25, 75, 90))
        inner = hu[(hu >= low) & (hu <= high)]
        shares = np.unique(np.floor(hu / 25), return_counts=True)[1] / len(hu)
        expected = {
            "shape_VoxelVolume": len(hu) * voxel_mm3,
            "firstorder_10Percentile": low,
            "firstorder_90Percentile": high,
            "firstorder_Energy": np.sum(hu**2),
            "firstorder_Entropy": stats.entropy(shares, base=2),
            "firstorder_InterquartileRange": high_quarter - quarter,
            "firstorder_Kurtosis": stats.kurtosis(hu, fisher=False),
            "firstorder_Maximum": hu.max(),
            "firstorder_MeanAbsoluteDeviation": np.abs(hu - hu.mean()).mean(),
            "firstorder_Mean": hu.mean(),
            "firstorder_Median": np.median(hu),
            "firstorder_Minimum": hu.min(),
            "firstorder_Range": np.ptp(hu),
            "firstorder_RobustMeanAbsoluteDeviation": np.abs(inner - inner.mean()).mean(),
            "firstorder_RootMeanSquared": np.sqrt(np.mean(hu**2)),
            "firstorder_Skewness": stats.skew(hu),
            "firstorder_StandardDeviation": hu.std(),
            "firstorder_TotalEnergy": np.sum(hu**2) * voxel_mm3,
            "firstorder_Uniformity": np.sum(shares**2),
            "firstorder_Variance": hu.var(),
        }
        assert list(row) == ["Image", "Mask", "Label", *(f"original_{name}" for name in expected)]
        found = {name: float(row[f"original_{name}"]) for name in expected}
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-8)


def test_one_value_is_flat_and_no_voxel_has_no_feature():
    flat = first_order(np.array([-800.0]), np.array([5]), 1.0)
    assert (flat["Skewness"], flat["Kurtosis"], flat["Entropy"], flat["Uniformity"]) == (0.0, 0.0, 0.0, 1.0)
    assert first_order(np.array([]), np.array([], int), 1.0) == {}


def test_measure_writes_them_and_unknown_names_are_refused(result, tmp_path, capsys):
    write_nifti(result.volume.voxels_hu, result.volume, tmp_path / "ct.nii.gz")
    write_nifti(np.where(result.labels == 1, 1, 0).astype(np.uint8), result.volume, tmp_path / "right.nii.gz")
    command = ["measure", str(tmp_path / "ct.nii.gz"), str(tmp_path / "right.nii.gz"), "--output", str(tmp_path / "out"), "--quiet"]
    assert cli.main([*command, "--table-layout", "cip", "--table-layout", "pyradiomics"]) == 0
    assert [row["Mask"] for row in rows_of(tmp_path / "out" / "pyradiomics.csv")] == ["right_lung"]
    left = rows_of(tmp_path / "out" / "cip_phenotypes.csv")[2]
    assert float(left["Volume"]) == 0 and left["HUMean"] == "" and left["Mass"] == ""
    assert cli.main([*command, "--overwrite", "--table-layout", "sip"]) == 2
    assert "the table layout 'sip' is unknown; choose from: cip, pyradiomics" in capsys.readouterr().err
    assert cli.main([*command, "--overwrite"]) == 0
    assert not (tmp_path / "out" / "pyradiomics.csv").exists()  # of the earlier run


def test_a_cohort_knows_results_with_and_without_them_apart():
    plain = run_parameters("threshold", {})
    assert "table_layouts" not in plain.facts()  # results of earlier runs keep their key
    both = run_parameters("threshold", {}, table_layouts=["pyradiomics", "CIP"])
    assert both.key != plain.key and both == run_parameters("threshold", {}, table_layouts=("cip", "pyradiomics"))
    with pytest.raises(InputError, match="choose from: cip"):
        run_parameters("threshold", {}, table_layouts=["sip"])
