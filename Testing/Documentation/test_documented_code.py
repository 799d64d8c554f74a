"""Every command and every script of README.md and docs/ runs, or a reason is given here and its options exist."""

import re
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from documented_code import NOT_RUN, PAGES, PYTHON_NOT_RUN, ROOT, RUN, SHOWN, WORDS_ADDED, blocks_of, commands_of, reason_not_run
from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
COMMANDS = [(block, words) for block in BLOCKS if block.kind == "bash" for words in commands_of(block)]
WITH_CODE = [page for page in PAGES if any(block.kind in ("bash", "python") for block in blocks_of(page))]


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> Path:
    """Write what the pages name: a small phantom as scan, reference and DICOM folder, labels of another program, and their lists."""
    folder = tmp_path_factory.mktemp("documented")
    phantom = make_phantom(shape_zyx=(40, 72, 72), spacing_zyx_mm=(7.5, 5.0, 5.0))
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "scan.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "reference.nii.gz")
    write_nifti(phantom.labels * (phantom.labels < 3), phantom.volume, folder / "lungmask.nii.gz")
    for tool, (right, left, airways) in {"totalsegmentator": (12, 10, 16), "luna16": (4, 3, 5)}.items():
        numbers = np.array([0, right, left, airways], np.uint8)
        write_nifti(numbers[phantom.labels], phantom.volume, folder / f"{tool}.nii.gz")
    (folder / "scans").mkdir()
    (folder / "scans" / "first.nii.gz").write_bytes((folder / "scan.nii.gz").read_bytes())
    write_dicom(sitk.ReadImage(str(folder / "scan.nii.gz")), folder / "dicom_folder")
    for block in BLOCKS:
        if block.kind == "text":
            name = "list.csv" if block.text.startswith("ct,") else "pairs.csv"
            (folder / name).write_text(block.text, encoding="utf-8")
    return folder


def write_dicom(image: sitk.Image, folder: Path) -> None:
    """Write a CT as a DICOM series with the number 2."""
    folder.mkdir()
    writer = sitk.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    image = sitk.Cast(image, sitk.sitkInt16)
    direction = image.GetDirection()
    shared = {
        "0008|0016": "1.2.840.10008.5.1.4.1.1.2",
        "0008|0060": "CT",
        "0008|0008": "ORIGINAL\\PRIMARY\\AXIAL",
        "0010|0020": "P",
        "0020|000d": "1.2.3.4",
        "0020|000e": "1.2.3.4.2",
        "0020|0052": "1.2.3.4.5",
        "0020|0011": "2",
        "0020|0037": "\\".join(str(direction[index]) for index in (0, 3, 6, 1, 4, 7)),
        "0028|1052": "0",
        "0028|1053": "1",
        "0018|0050": "5",
    }
    for index in range(image.GetDepth()):
        plane = image[:, :, index]
        position = image.TransformIndexToPhysicalPoint((0, 0, index))
        own = {"0008|0018": f"1.2.3.4.2.{index + 1}", "0020|0013": str(index + 1), "0020|0032": "\\".join(map(str, position))}
        for key, value in (shared | own).items():
            plane.SetMetaData(key, value)
        writer.SetFileName(str(folder / f"{index:03}.dcm"))
        writer.Execute(plane)


@pytest.fixture(scope="session")
def done() -> set[tuple[str, ...]]:
    """Remember which commands have run: their files lie in the shared folder, and another page with the same command needs no new ones."""
    return set()


def test_every_block_says_what_it_is():
    assert len(COMMANDS) > 20
    for block in BLOCKS:
        assert block.kind in RUN + SHOWN, f"{block.place}: a block must be one of {RUN + SHOWN}, not {block.kind!r}"


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_commands_and_scripts_of_a_page_run_in_order(page, files, done, monkeypatch, capsys):
    monkeypatch.chdir(files)
    namespace = {"__name__": "documented"}
    for block in blocks_of(page):
        if block.kind == "bash":
            for words in commands_of(block):
                if not reason_not_run(words) and tuple(words) not in done:
                    assert words[0] == "lungsegmentation", f"{block.place}: {words[0]} is neither run nor listed in NOT_RUN"
                    run_command(words[1:], block.place, capsys)
                    done.add(tuple(words))
        elif block.kind == "python" and not block.text.startswith(tuple(PYTHON_NOT_RUN)):
            code = compile("\n" * block.line + block.text, str(page), "exec")
            exec(code, namespace)


def run_command(words: list[str], place: str, capsys) -> None:
    words = [*words, *WORDS_ADDED.get(words[0], [])]
    if "--help" in words:
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        assert ended.value.code == 0
        return
    status = cli.main(words)
    errors = capsys.readouterr().err
    assert status == 0, f"{place}: {' '.join(words)}: {errors}"
    if "--output" in words:
        output = Path(words[words.index("--output") + 1])
        assert any(output.iterdir()), f"{place}: {output} is empty"


@pytest.mark.parametrize("command", sorted({words[1] for _, words in COMMANDS if words[0] == "lungsegmentation"}))
def test_options_exist(command, capsys):
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    known = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    for block, words in COMMANDS:
        line = words[words.index("--", 2) + 1 :] if words[0] == "python" and "--" in words else words
        if line[:2] == ["lungsegmentation", command]:
            named = {word for word in line[2:] if word.startswith("--")} - {"--help"}
            assert named <= known, f"{block.place}: there is no {named - known}"


def test_every_option_in_running_text_exists(capsys):
    known = {"--version", "--kind", "--workers", "--resources"}
    for command in ("segment", "measure", "evaluate", "evaluate-cohort", "cohort", "review", "phantom", "methods"):
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        known |= set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    for page in PAGES:
        for option in re.findall(r"`(--[a-z][a-z-]*)", page.read_text(encoding="utf-8")):
            assert option in known, f"{page.name} names {option}, which no command has"


def test_what_is_not_run_is_documented_and_exists():
    lines = [" ".join(words) for _, words in COMMANDS]
    for start in NOT_RUN:
        assert any(line.startswith(start) for line in lines), f"NOT_RUN lists {start!r}, which no page has"
    extras = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for block, words in COMMANDS:
        if words[:2] == ["pip", "install"]:
            for extra in re.findall(r"\[(.*?)\]", words[2]):
                assert set(extra.split(",")) <= set(extras), f"{block.place}: {words[2]}"
        if words[0] == "make":
            assert words[1] in targets, f"{block.place}: there is no target {words[1]}"
    scripts = [block for block in BLOCKS if block.kind == "python"]
    for start in PYTHON_NOT_RUN:
        assert any(block.text.startswith(start) for block in scripts)


def test_makes_of_running_text_are_targets():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page.name} names make {target}"
