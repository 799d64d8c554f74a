"""What the process in the background can do: one class each, its work, and how both travel through a folder."""

from __future__ import annotations

from .compare import CompareJob
from .export import ExportJob
from .segment import Job

AnyJob = Job | CompareJob | ExportJob

JOBS: dict[str, type[AnyJob]] = {"segment": Job, "compare": CompareJob, "export": ExportJob}

__all__ = ["JOBS", "AnyJob", "CompareJob", "ExportJob", "Job"]
