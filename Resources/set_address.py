"""Put the repository's address, and who contributed, wherever the Slicer Extensions Index and users look for them.

``python Resources/set_address.py https://github.com/OWNER/SlicerLungCTSegmentation --contributors "Name (Place), Name (Place)"``

The index reads CMakeLists.txt as text, so that each of its addresses stands there in full.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
ENTRY = Path("Resources", "LungCTSegmentation.json")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> None:
    """Rewrite CMakeLists.txt and the index's entry."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="https://HOST/OWNER/NAME, without .git; NAME holds 'Slicer'")
    parser.add_argument("--contributors", help="as the Extensions Manager shows them")
    options = parser.parse_args(arguments)
    address = options.address.rstrip("/").removesuffix(".git")
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.netloc or "slicer" not in address.rpartition("/")[2].lower():
        parser.error(f"{options.address} is not https://HOST/OWNER/NAME with 'Slicer' in NAME, as the Extensions Index asks for")
    cmake, entry = root / "CMakeLists.txt", root / ENTRY
    text = cmake.read_text(encoding="utf-8")
    before = re.search(r'set\(EXTENSION_HOMEPAGE "([^"]+)"\)', text)
    assert before is not None
    text = text.replace(before[1], address)
    if options.contributors:
        text = re.sub(r'set\(EXTENSION_CONTRIBUTORS "[^"]*"\)', lambda _: f'set(EXTENSION_CONTRIBUTORS "{options.contributors}")', text)
    facts = json.loads(entry.read_text(encoding="utf-8"))
    facts["scm_url"] = f"{address}.git"
    cmake.write_text(text, encoding="utf-8")
    entry.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
