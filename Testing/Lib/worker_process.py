"""A worker process as the module starts it, for tests."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.protocol import LOG_NAME, START, write_job
from LungSegmentationLib.background.steps import run_all

PACKAGES = Path(__file__).resolve().parents[2] / "LungSegmentation"
WORKER = ("-m", "LungSegmentationLib.background.worker")


class Worker:
    """A worker process, its output line by line, and its end whatever the test does."""

    def __init__(self, folder: Path, *python_arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
        with (folder / LOG_NAME).open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(python_arguments or WORKER), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
            )

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with suppress(BrokenPipeError):
            self.process.stdin.close()

    def start(self):
        self.process.stdin.write(START)
        self.process.stdin.flush()

    def messages(self):
        return [json.loads(line) for line in self.process.stdout]

    def wait_until(self, moment):
        """Read until the process is known, or has come as far as a fraction."""
        while line := self.process.stdout.readline():
            message = json.loads(line)
            if moment == "known" or message.get("fraction", -1.0) >= moment:
                return
        raise AssertionError("the worker ended before")


def run(job: Job, folder: Path):
    with Worker(folder) as worker:
        run_all(write_job(job, folder))
        worker.start()
        return worker.messages(), worker.process.wait(10)
