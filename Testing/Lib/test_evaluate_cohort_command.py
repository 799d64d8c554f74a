"""``lungsegmentation evaluate-cohort``, run on files as users have them."""

import base64
import csv
import gc
import io
import re
import weakref
from html.parser import HTMLParser

import numpy as np
import pytest
from openpyxl import load_workbook
from PIL import Image
from scipy import ndimage, stats

from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.evaluation.pair import evaluate_pair
from LungSegmentationLib.evaluation.pairs_list import read_pairs
from LungSegmentationLib.evaluation.scan_values import ScanValues
from LungSegmentationLib.output.cohort_folder import COHORT_NAMES
from LungSegmentationLib.output.cohort_report import Cohort, write_cohort_report
from LungSegmentationLib.output.evaluation_pictures import differences_picture
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom

SICK = (3, 4)
SCANS = range(5)


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order; keeps texts, the cells of tables, and pictures."""

    VOID = ("meta", "img")

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open, self.rows, self.pictures, self.text = [], [], [], ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert not {"src", "href"} & {name for name, value in attrs if not (value or "").startswith("data:")}
        if tag == "img":
            data = dict(attrs)["src"].split(",")[1]
            self.pictures.append(Image.open(io.BytesIO(base64.b64decode(data))))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Give a folder with five scans: truth, a result that misses more of the sick ones, CT and probability; and what they are."""
    folder = tmp_path_factory.mktemp("scans")
    truths = {}
    for number in SCANS:
        phantom = make_phantom(shape_zyx=(36, 52, 60), spacing_zyx_mm=(8.0, 6.5, 6.0), seed=number)
        lungs = np.isin(phantom.labels, (1, 2))
        result = phantom.labels.copy()
        missed = ndimage.binary_dilation(~lungs) & lungs
        missed[:, :, : 20 + number] = False
        result[missed if number in SICK else missed & (np.arange(60) > 40)] = 0
        near = ndimage.gaussian_filter(lungs.astype(np.float32), 0.5 + (number in SICK))
        for name, array in (("ct", phantom.volume.voxels_hu), ("truth", phantom.labels), ("result", result), ("probability", near)):
            write_nifti(array, phantom.volume, folder / f"{name}{number}.nii.gz")
        truths[f"scan {number}"] = (phantom, lungs, np.isin(result, (1, 2)), near)
    return folder, truths


def _write_list(path, rows, header="name,result,reference,ct,probability,diagnosis,how"):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _row(number, result=None, how="network"):
    group = "sick" if number in SICK else "normal"
    files = [f"{name}{number}.nii.gz" for name in ("result", "truth", "ct", "probability")]
    return ",".join([f"scan {number}", result or files[0], *files[1:], group, how])


def _run(*arguments) -> int:
    return cli.main(["evaluate-cohort", *(str(argument) for argument in arguments)])


def _read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _dice(first, second) -> float:
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def test_two_groups_are_evaluated_and_tested(scans, tmp_path, capsys):
    folder, truths = scans
    pairs = _write_list(folder / "two groups.csv", [_row(number) for number in SCANS])
    assert _run(pairs, "--group", "diagnosis", "--output", tmp_path / "out") == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(COHORT_NAMES)
    told = capsys.readouterr()
    assert told.err == ""
    assert re.search(r"normal +3", told.out)

    both = {row["Scan"]: row for row in _read(tmp_path / "out" / "scans.csv") if row["Region"] == "Both lungs"}
    dice = {name: _dice(lungs, found) for name, (_, lungs, found, _) in truths.items()}
    assert {name: float(row["Dice coefficient"]) for name, row in both.items()} == pytest.approx(dice, abs=1e-6)
    phantom, lungs, found, _ = truths["scan 3"]
    volume_ml = np.count_nonzero(found) * 8.0 * 6.5 * 6.0 / 1000
    assert float(both["scan 3"]["Volume of the result (mL)"]) == pytest.approx(volume_ml, abs=1e-4)
    hu = phantom.volume.voxels_hu
    change = 100 * (hu[found].mean() - hu[lungs].mean()) / hu[lungs].mean()
    assert float(both["scan 3"]["Relative mean HU difference (%)"]) == pytest.approx(change, abs=1e-4)
    assert float(both["scan 3"]["Absolute relative mean HU difference (%)"]) == pytest.approx(abs(change), abs=1e-4)

    sick, normal = ([dice[f"scan {number}"] for number in SCANS if (number in SICK) == is_sick] for is_sick in (True, False))
    tests = [row for row in _read(tmp_path / "out" / "tests.csv") if (row["Region"], row["Metric"]) == ("Both lungs", "Dice coefficient")]
    assert len(tests) == 1
    assert float(tests[0]["P"]) == pytest.approx(stats.mannwhitneyu(normal, sick).pvalue, abs=1e-6)
    table = _read(tmp_path / "out" / "table1.csv")
    assert table[0]["sick Mean±SD"] == f"{np.mean(sick):.3f}±{np.std(sick, ddof=1):.3f}"
    assert len(table) == 10
    assert all(all(row.values()) for row in table)
    described = _read(tmp_path / "out" / "statistics.csv")
    mine = [r for r in described if (r["Region"], r["Group"], r["Metric"]) == ("Both lungs", "normal", "Dice coefficient")]
    assert [float(row["Median"]) for row in mine] == [pytest.approx(np.median(normal), abs=1e-6)]
    sheets = load_workbook(tmp_path / "out" / "cohort.xlsx", read_only=True).sheetnames
    assert sheets == ["Scans", "Statistics", "Tests", "Agreement of volumes", "Table 1"]
    _check_page(Page((tmp_path / "out" / "cohort_report.html").read_text(encoding="utf-8")), dice, truths)


def _check_page(page, dice, truths):
    """Table 1 with both groups, the area under each group's ROC curve, and the worst cases with their pictures, in order."""
    lungs, near = (np.concatenate([truths[f"scan {number}"][place].ravel() for number in SICK]) for place in (1, 3))
    ranks = stats.rankdata(np.rint(near * 1000))
    area = (ranks[lungs].sum() - lungs.sum() * (lungs.sum() + 1) / 2) / (lungs.sum() * (~lungs).sum())
    assert next(row for row in page.rows if row[0] == "sick")[1] == f"{area:.4f}"
    assert ["Parameter", *("Min", "Max", "Mean±SD", "Median", "IQR") * 2, "P value"] in page.rows
    worst = [row[0] for row in page.rows if len(row) > 3 and row[0].startswith("scan")]
    assert worst == sorted(dice, key=dice.get)
    assert [picture.format for picture in page.pictures] == ["PNG"] * (len(page.pictures) - 5) + ["JPEG"] * 5
    captions = re.findall(r"(scan \d), (?:normal|sick): Dice coefficient", page.text)
    assert captions == worst
    for picture in page.pictures[-5:]:
        assert np.ptp(np.asarray(picture.convert("L"))) > 100
    assert "Not evaluated" not in page.text


def test_one_pair_is_in_memory_at_a_time(scans, tmp_path, monkeypatch):
    folder, _ = scans
    seen = []

    def watched(*arguments, **options):
        gc.collect()
        assert [reference() for reference in seen] == [None] * len(seen)
        evaluation = evaluate_pair(*arguments, **options)
        seen.extend(weakref.ref(part) for part in (evaluation, evaluation.result, evaluation.volume.voxels_hu))
        return evaluation

    monkeypatch.setattr("LungSegmentationLib.evaluation.pair.evaluate_pair", watched)
    pairs = _write_list(folder / "three.csv", [_row(0), _row(1), _row(2)])
    assert _run(pairs, "--output", tmp_path / "out", "--quiet") == 0
    assert len(seen) == 9


def test_two_methods_are_paired_by_scan(scans, tmp_path, capsys):
    folder, truths = scans
    rows = [_row(number) for number in SCANS]
    rows += [_row(number, result=f"truth{number}.nii.gz", how="reader") for number in (4, 0, 2)]
    pairs = _write_list(folder / "methods.csv", rows)
    assert _run(pairs, "--method-column", "how", "--output", tmp_path / "out") == 0
    assert "reader" in capsys.readouterr().out
    tests = _read(tmp_path / "out" / "tests.csv")
    assert {(row["Test"], row["First"], row["Second"]) for row in tests} == {("Wilcoxon signed-rank", "network", "reader")}
    dice = next(row for row in tests if (row["Region"], row["Metric"]) == ("Both lungs", "Dice coefficient"))
    losses = [_dice(truths[f"scan {number}"][1], truths[f"scan {number}"][2]) - 1 for number in (0, 2, 4)]
    assert int(dice["Values of first"]) == 3
    assert float(dice["P"]) == pytest.approx(stats.wilcoxon(losses).pvalue)
    assert float(dice["Rank-biserial correlation"]) == -1.0
    page = Page((tmp_path / "out" / "cohort_report.html").read_text(encoding="utf-8"))
    side_by_side = {row[0]: row for row in page.rows if row[0] in ("network", "reader") and row[1] == "all scans"}
    assert (side_by_side["reader"][2], side_by_side["reader"][4]) == ("3", "1.000±0.000")


def test_a_pair_that_fails_is_named_and_the_others_go_on(scans, tmp_path, capsys):
    folder, _ = scans
    (folder / "cut.nii.gz").write_bytes((folder / "result1.nii.gz").read_bytes()[:500])
    rows = [_row(0), _row(1, result="cut.nii.gz"), _row(2), "scan 9,<b>none</b>.nii.gz,truth0.nii.gz,,,normal,network"]
    pairs = _write_list(folder / "failing.csv", rows)
    assert _run(pairs, "--group", "diagnosis", "--output", tmp_path / "out") == 2
    told = capsys.readouterr()
    assert "Written to" in told.out
    assert told.err.startswith("lungsegmentation: error: 2 of 4 pairs could not be evaluated")
    assert told.err.count("\n") == 1
    assert "scan 1: cut.nii.gz" in told.err
    assert "scan 9: " in told.err
    table = _read(tmp_path / "out" / "scans.csv")
    assert [row["Scan"] for row in table if row["Region"] == "Both lungs"] == ["scan 0", "scan 2"]
    failed = {row["Scan"]: row for row in table if row["Error"]}
    assert list(failed) == ["scan 1", "scan 9"] and "cut.nii.gz" in failed["scan 1"]["Error"]
    assert failed["scan 9"]["Group"] == "normal" and failed["scan 9"]["Dice coefficient"] == ""
    page = Page((tmp_path / "out" / "cohort_report.html").read_text(encoding="utf-8"))
    assert re.search(r"scan 1: cut\.nii\.gz", page.text)
    assert "<b>none</b>.nii.gz" in page.text  # shown as it is, not made bold
    pairs = _write_list(folder / "all failing.csv", rows[1:2])
    assert _run(pairs, "--output", tmp_path / "none") == 2
    assert "1 of 1 pairs could not be evaluated (nothing was written)" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_no_pair_whatever_ends_the_evaluation_of_the_others(scans, tmp_path, capsys, monkeypatch):
    """Names that no file can have, a folder, and what nobody thought of while a pair is read or its picture drawn."""
    folder, _ = scans
    rows = [_row(0), "null,a\0b.nii.gz,truth0.nii.gz,,,normal,network", f"long,{'x' * 300}.nii.gz,truth0.nii.gz,,,normal,network"]
    rows += ["folder,.,truth0.nii.gz,,,normal,network", _row(1), _row(2)]
    pairs = _write_list(
        tmp_path / "hostile.csv", [row.replace("truth0", f"{folder}/truth0").replace(",result", f",{folder}/result") for row in rows]
    )
    pairs.write_text(re.sub(r",(truth|ct|probability)(\d)", rf",{folder}/\1\2", pairs.read_text(encoding="utf-8")))
    raised = iter([None, KeyError("nobody thought of this"), MemoryError()])

    def breaks(*arguments, **options):
        if (error := next(raised, None)) is not None:
            raise error
        return differences_picture(*arguments, **options)

    monkeypatch.setattr("LungSegmentationLib.output.evaluation_pictures.differences_picture", breaks)
    assert _run(pairs, "--output", tmp_path / "out") == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1 and "5 of 6 pairs could not be evaluated" in told.err
    errors = {row["Scan"]: row["Error"] for row in _read(tmp_path / "out" / "scans.csv")}
    assert set(errors) == {"scan 0", "null", "long", "folder", "scan 1", "scan 2"} and errors["scan 0"] == ""
    assert all(errors[name] for name in errors if name != "scan 0")
    assert errors["scan 1"] == "KeyError 'nobody thought of this'" and errors["scan 2"].startswith("there is not enough memory")


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("name,result,truth,diagnosis", ["a,b,c,x"], "has no column reference; its columns are name, result, truth, diagnosis"),
        ("name,result,reference", ["a,b,c"], "has no column diagnosis"),
        ("name,result,reference,diagnosis", [], "lists no pair"),
        ("name,result,reference,diagnosis", ["a,b,c,x", ",,,", "a2,,c,x"], "has no result in line 4"),
        ("name,result,reference,diagnosis", ["a,b,c,x", "a,d,c,x"], "lists a twice"),
        ("name,result,reference,diagnosis", ["a,b,c"], "line 2 of list.csv has 3 cells"),
        ("name;result;reference;diagnosis", ["a;b;c;x", "b;b;c;"], "has no diagnosis in line 3"),
        ("name,result,reference,diagnosis", ['a,"b,c,x'], "is not a CSV file"),
    ],
)
def test_a_list_of_another_form_is_refused(header, rows, words, tmp_path, capsys):
    pairs = _write_list(tmp_path / "list.csv", rows, header)
    assert _run(pairs, "--group", "diagnosis", "--output", tmp_path / "out") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_earlier_result_and_the_list_itself_stay(scans, tmp_path, capsys):
    folder, _ = scans
    pairs = _write_list(folder / "short.csv", [_row(0)])
    (tmp_path / "scans.csv").write_text("of another run")
    assert _run(pairs, "--output", tmp_path) == 2
    assert "already holds a result (scans.csv)" in capsys.readouterr().err
    assert _run(pairs, "--output", tmp_path, "--overwrite", "--quiet") == 0
    assert len(_read(tmp_path / "scans.csv")) >= 3
    own = _write_list(tmp_path / "table1.csv", [row.replace(",", f",{folder}/", 2) for row in [_row(0)]])
    assert _run(own, "--output", tmp_path, "--overwrite") == 2
    assert "would be replaced" in capsys.readouterr().err
    assert _run(pairs, "--output", tmp_path, "--overwrite", "--tolerance-mm", "nan") == 2
    assert "--tolerance-mm" in capsys.readouterr().err


def test_a_report_needs_no_images(tmp_path):
    """Rows of figures are enough, also without both lungs, with few metrics, and with a picture of one of them."""
    Image.new("RGB", (2000, 500), (200, 30, 30)).save(tmp_path / "worst.png")
    rows = [
        ScanValues(
            f"<s{number}>", group, method, "right_lung", {"dice": 0.9 + 0.01 * number - 0.05 * (method == "b"), "hausdorff_95_mm": None}
        )
        for method in "ab"
        for number, group in enumerate(("healthy", "healthy", "sick & old"))
    ]
    cohort = Cohort(rows, pictures={("<s0>", "b"): tmp_path / "worst.png"}, title="A & B")
    write_cohort_report(tmp_path, cohort, name="bench_report.html")
    page = Page((tmp_path / "bench_report.html").read_text(encoding="utf-8"))
    assert "Right lung, in the rows and columns" in page.text
    worst = [row for row in page.rows if row[0].startswith("<s")]
    assert [row[:4] for row in worst[:3]] == [
        ["<s0>", "healthy", "a", "0.900"],
        ["<s1>", "healthy", "a", "0.910"],
        ["<s2>", "sick & old", "a", "0.920"],
    ]
    assert [picture.size for picture in page.pictures if picture.format == "JPEG"] == [(1200, 300)]
    assert ["Method", "Group", "Scans", "Lowest Dice", "Dice coefficient, mean±SD"] in page.rows
    assert ["b", "healthy", "2", "0.850", "0.855±0.007"] in page.rows


def test_a_scan_in_two_groups_is_refused(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("name,result,reference,group,method\na,r,t,normal,one\na,s,t,COVID-19,two\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"puts a into the groups normal and COVID-19; a scan belongs to one"):
        read_pairs(path, "group", "method")
