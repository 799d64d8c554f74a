"""Files that the project's hosts and other people's tools read: each is well-formed and true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from LungSegmentationLib import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted([*ROOT.glob(".github/**/*.yml"), ROOT / "CITATION.cff", ROOT / ".pre-commit-config.yaml"]), ids=str)
def test_yaml_is_well_formed(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
# What a workflow's command names that is a file of this repository: with a folder, or of one of these kinds.
FILE_IN_COMMAND = re.compile(r"(?<![\w$/.-])(?:\.?[\w-]+/)+[\w.-]+|[\w-]+\.(?:toml|txt|py|md)\b")
MADE_IN_THE_RUN = ("dist/",)


def steps_of(path: Path) -> list[dict[str, object]]:
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    assert jobs
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_only_targets_and_files_that_are_there(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):(?!=)", makefile, re.MULTILINE))
    commands = [str(step["run"]) for step in steps_of(path) if "run" in step]
    called = {target for command in commands for target in re.findall(r"\bmake ([\w-]+)", command)}
    assert called <= targets
    named = {name for command in commands for name in FILE_IN_COMMAND.findall(command) if not name.startswith(MADE_IN_THE_RUN)}
    assert commands and [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_workflows_run_everything_and_every_step_does_something():
    commands = "\n".join(str(step.get("run", "")) for path in WORKFLOWS for step in steps_of(path))
    assert [word for word in (".ci/run", "make lint", "make wheels", "TRAINING=1") if word not in commands] == []
    for path in WORKFLOWS:
        assert all(("run" in step) != ("uses" in step) for step in steps_of(path))


def test_the_workflow_of_releases_compares_the_tag_with_the_one_version():
    (command,) = (
        str(step["run"]) for step in steps_of(ROOT / ".github/workflows/release.yml") if step.get("name") == "The tag is the version"
    )
    program = re.search(r"python -c '([^']+)'", command)[1]
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout.strip()
    assert found == __version__ and '"v$(python -c' in command and command.endswith('= "$GITHUB_REF_NAME"')
    elsewhere = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in elsewhere and "LungSegmentationLib.version.__version__" in elsewhere


def test_hooks_before_a_commit_are_those_of_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    revisions = {re.search(r"(ruff|mypy)", hook["repo"])[1]: hook["rev"].removeprefix("v") for hook in hooks}
    assert {item["id"] for hook in hooks for item in hook["hooks"]} == {"ruff-check", "ruff-format", "mypy"}
    (lint,) = re.findall(r"^lint = \[(.+?)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(re.findall(r'"(\w+)>=([\d.]+)"', lint)) == revisions


def test_citation_is_of_this_version_and_names_the_five_sources():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == __version__
    assert {"cff-version", "message", "title", "authors", "license"} <= set(citation)
    assert len(citation["references"]) == 5
    for reference in citation["references"]:
        assert {"type", "title", "authors", "year"} <= set(reference), reference


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml")), ids=lambda path: path.stem)
def test_issue_forms_ask_for_the_summary_and_warn_of_patients_data(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        return
    assert {"name", "description", "body"} <= set(form)
    assert any(item.get("id") == "summary" for item in form["body"])
    assert "patient" in path.read_text(encoding="utf-8").lower()
