"""Ratings of a review: a CSV file with a row a scan and rater, never half-written."""

import csv
import os
import re
import threading

import pytest

from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.output.run_lock import run_lock
from LungSegmentationLib.review import ratings as ratings_module
from LungSegmentationLib.review.ratings import Rating, read_ratings, save_ratings


def test_ratings_come_back_as_they_were_saved_one_a_scan_and_rater(tmp_path):
    path = tmp_path / "ratings.csv"
    texts = ["=HYPERLINK(1)", 'say "no", or\nnot; ü', "one;=2", "+1", "'single", "-5", "@x", ""]
    first = [Rating(f"s{i}", "ab", "accept", text, "0" * 16, "2026-01-01T00:00:00Z") for i, text in enumerate(texts)]
    save_ratings(path, first)
    assert [rating.comment for rating in read_ratings(path)] == texts
    save_ratings(path, [Rating("s0", "cd", "reject"), Rating("s0", "ab", "needs edit", "later")])
    found = {(rating.scan, rating.rater): rating.rating for rating in read_ratings(path)}
    assert len(found) == len(texts) + 1 and found["s0", "ab"] == "needs edit" and found["s0", "cd"] == "reject"
    with path.open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if re.search(r"(^|;)([=@]|[+-](?!\d))", cell)]
    assert [entry.name for entry in tmp_path.iterdir()] == ["ratings.csv"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"scan,rater\na,b\n", "no column rating"),
        (b"scan,rating\na,perhaps\n", "row 2.*perhaps"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"scan,rating,comment\na,accept," + b"x" * 5000 + b"\n", "4000 characters"),
        (b"", "no column"),
    ],
)
def test_a_file_that_is_none_of_ratings_is_refused_and_never_replaced(tmp_path, content, message):
    path = tmp_path / "ratings.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_ratings(path)
    with pytest.raises(InputError):
        save_ratings(path, [Rating("a")])
    assert path.read_bytes() == content
    with pytest.raises(InputError, match="cannot be read"):
        read_ratings(tmp_path / "none.csv")


def test_columns_may_be_moved_added_or_left_out_by_a_spreadsheet_program(tmp_path):
    (tmp_path / "r.csv").write_text(
        "\ufeffrating,mine,scan\r\naccept,1,a\r\nreject,2,b\r\nneeds edit,3,b\r\n", encoding="utf-8", newline=""
    )
    assert read_ratings(tmp_path / "r.csv") == (Rating("a", rating="accept"), Rating("b", rating="needs edit"))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_ratings_are_replaced_whole_or_not_at_all(tmp_path, monkeypatch, step):
    path = tmp_path / "ratings.csv"
    save_ratings(path, [Rating("a", rating="accept")])
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OutputError, match="no space left"):
        save_ratings(path, [Rating("b", rating="reject")])
    assert path.read_bytes() == before and [entry.name for entry in tmp_path.iterdir()] == ["ratings.csv"]


def test_many_writers_lose_nothing(tmp_path):
    path = tmp_path / "ratings.csv"
    writers = [threading.Thread(target=save_ratings, args=(path, [Rating(f"s{i}", rating="accept")])) for i in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {rating.scan for rating in read_ratings(path)} == {f"s{i}" for i in range(12)}


def test_a_folder_that_another_run_holds_for_long_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(ratings_module, "_LONGEST_WAIT_S", 0.05)
    with run_lock(tmp_path), pytest.raises(OutputError, match="another run"):
        save_ratings(tmp_path / "ratings.csv", [Rating("a")])
