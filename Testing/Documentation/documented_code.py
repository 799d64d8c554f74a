"""The code blocks of README.md and docs/, and what of them cannot be run as it stands."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUN = ("bash", "python", "python slicer")
# What is shown, not run: files, and what Sphinx reads.
SHOWN = ("text", "{toctree}", "{eval-rst}", "{include} ../CHANGELOG.md", "{include} ../SECURITY.md")

# Why a command is not run in the tests; what it begins with. The options of `lungsegmentation` are checked against --help all the same.
NOT_RUN = {
    "pip install": "needs a package index; its extras are checked against pyproject.toml",
    "make": "tests do not start themselves; its targets are checked against the Makefile",
    "dask": "a cluster by hand; Testing/Lib/test_cohort_faults.py starts one",
    "python cluster_example.py": "needs a queue; Testing/Lib/test_cohort_faults.py runs it with --kind local",
    "segimage2itkimage": "needs a DICOM result; Testing/Lib/test_dcmqi.py runs it",
    "tid1500reader": "as segimage2itkimage",
    "lungsegmentation cohort /data/study": "needs the cluster's folders",
}
# A review serves until Ctrl-C; here it makes the page and ends. Testing/Lib/test_review.py runs the server.
WORDS_ADDED = {"review": ["--no-server"]}
# Python that cannot run here, by its first import.
PYTHON_NOT_RUN = {"from dask_kubernetes.operator": "needs Kubernetes"}


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Parameters
    ----------
    page : pathlib.Path
    line : int
        Of the opening fence, from 1.
    kind : str
        What stands behind the fence.
    text : str
    """

    page: Path
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        """Page and line, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """List the fenced blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    return [Block(page, text.count("\n", 0, found.start()) + 1, found[1].strip(), found[2]) for found in _FENCE.finditer(text)]


def commands_of(block: Block) -> list[list[str]]:
    """Split a block of commands into their words, without remarks."""
    lines = [shlex.split(line, comments=True) for line in block.text.replace("\\\n", " ").splitlines()]
    return [words for words in lines if words]


def reason_not_run(words: list[str]) -> str:
    """Say why a command is not run; empty where it is."""
    line = " ".join(words)
    return next((reason for start, reason in NOT_RUN.items() if line == start or line.startswith(f"{start} ")), "")
