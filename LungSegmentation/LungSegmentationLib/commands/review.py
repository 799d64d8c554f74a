"""The command ``lungsegmentation review``: the results of many scans in a browser, with ratings."""

from __future__ import annotations

import argparse
import sys
import textwrap
from typing import Any

from ..errors import OutputError, system_reason
from .terminal import given_path, write_text


def add_review(commands: Any) -> None:
    """Add the command to the parser's commands."""
    review = commands.add_parser(
        "review",
        help="look through many results in a browser and rate them",
        description="Makes a page of the results in a folder, and serves it on this computer, so that ratings are kept in a file.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            files written into DIR:
              index.html     table of all scans, outliers first; opens each scan's viewer.html; works offline too
              review_id.txt  random name of the folder, by which a browser keeps ratings of an index.html that is opened as a file
              ratings.csv    with the first rating: scan, rater, rating, comment, hash of the labels, time

            The server listens on this computer alone (127.0.0.1), for whoever has the address that is written here; Ctrl-C ends it."""),
        allow_abbrev=False,
    )
    review.add_argument("folder", metavar="DIR", type=given_path, help="folder whose sub-folders hold results, at most three levels down")
    review.add_argument("--no-server", dest="server", action="store_false", help="write index.html and end")
    review.add_argument("--port", metavar="N", type=int, default=0, help="port of the server, default any that is free")
    review.set_defaults(run=run_review)


def run_review(options: argparse.Namespace) -> None:
    """Write the page, and serve it until Ctrl-C.

    Raises
    ------
    InputError
        When the folder holds no results.
    OutputError
        When the page cannot be written, or the port cannot be had.
    """
    from ..review.index import write_index
    from ..review.results import find_results

    results = find_results(options.folder)
    page = write_index(options.folder, results)
    if not options.server:
        write_text(sys.stdout, f"{len(results)} results in {page}\n")
        return
    from ..review.server import ReviewServer

    try:
        server = ReviewServer(options.folder, results, options.port)
    except (OSError, OverflowError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise OutputError(f"no server can be started at port {options.port} ({reason}); give another one, or none") from error
    with server:
        write_text(sys.stdout, f"{len(results)} results at {server.address}\nCtrl-C ends the server.\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            write_text(sys.stdout, f"Ended. Ratings: {server.ratings_path}\n" if server.ratings_path.exists() else "Ended. No ratings.\n")
