"""``lungsegmentation cohort``: what it refuses before anything is begun, and what it says."""

import pytest

from LungSegmentationLib.commands import cohort as command
from LungSegmentationLib.commands import main as cli


def refused(capsys, *words):
    assert cli.main(["cohort", *map(str, words)]) == 2
    out, errors = capsys.readouterr()
    assert out == "" and errors.count("\n") == 1
    return errors


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no INPUT is given"),
        (["scan.nii", "--workers", 0], "--workers is 0; give a whole number from 1"),
        (["scan.nii", "--retries", -1], "--retries is -1; give a whole number from 0"),
        (["scan.nii", "--memory", 0], "--memory is 0; give a number of GB above 0"),
        (["scan.nii", "--memory", "nan"], "--memory is nan"),
        (["scan.nii", "--timeout", -1], "--timeout is -1"),
        (["scan.nii", "--workers", 2, "--scheduler", "tcp://127.0.0.1:1"], "--workers and --scheduler are both given"),
        (["scan.nii", "--method", "none"], "there is no method 'none'"),
        (["scan.nii", "--threshold-hu", 7000], "threshold_hu is 7000"),
        (["scan.nii"], "scan.nii does not exist"),
    ],
)
def test_wrong_words_are_refused_in_one_line(tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.setattr(command, "_PACKAGES", ())
    monkeypatch.chdir(tmp_path)
    assert said in refused(capsys, *words, "--output", tmp_path / "out")


def test_missing_packages_are_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "_PACKAGES", ("dask", "no_such_package"))
    said = refused(capsys, tmp_path, "--output", tmp_path / "out")
    assert "no_such_package; install what is missing with: pip install 'lungsegmentation[cohort]'" in said


def test_an_empty_folder_is_a_run_without_scans_and_needs_no_worker(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "_PACKAGES", ())
    (tmp_path / "in").mkdir()
    assert cli.main(["cohort", str(tmp_path / "in"), "--output", str(tmp_path / "out"), "--method", "threshold"]) == 0
    out, errors = capsys.readouterr()
    assert "0 scans done now, 0 before" in out and errors == ""
    assert (tmp_path / "out" / "cohort.csv").read_text().startswith("Scan,Status,Error,Patient,")
    assert cli.main(["cohort", "--tables", "--output", str(tmp_path / "out"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_help_tells_every_file_and_the_parameters_of_the_methods(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["cohort", "--help"])
    out = capsys.readouterr().out
    for word in ("cohort.csv", "keys.csv", "changes.csv", "not_done/", "--identifiers", "--scheduler", "--threshold-hu"):
        assert word in out
