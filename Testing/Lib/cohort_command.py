"""The real command, in a process of its own, with the stand-in for the engine: ``python cohort_command.py cohort INPUT ...``."""

import sys
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2] / "LungSegmentation"))
    from LungSegmentationLib.cohort import run
    from LungSegmentationLib.commands.process import main

    sys.path.append(str(Path(__file__).parent))
    from cohort_engines import ENGINE

    real = run.run_cohort
    run.run_cohort = lambda options, progress: real(replace(options, engine=ENGINE), progress)
    sys.exit(main())
