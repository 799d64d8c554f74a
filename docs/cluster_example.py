"""Start workers by a cluster's own queue, run `lungsegmentation cohort` on them, and end them.

python cluster_example.py --kind slurm --workers 40 -- lungsegmentation cohort /data/study --output /data/study_out

Everything behind `--` is the command; its scheduler is filled in. Inputs and output must lie in folders that all nodes see by the same
path, and the package with its extra `cohort` must be installed for the Python that runs this script, at the same path on every node.
`--kind local` takes this computer in place of a cluster: try the command with it first.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import Any

# What one scan may take: one core, and 1.5 GB for 512 × 512 × 300 voxels without vessels, 2.5 GB with them (docs/cluster.md).
CORES, MEMORY_GB = 1, 4
RESOURCES = ["--resources", f"MEMORY_GB={MEMORY_GB}"]
WALLTIME = "12:00:00"  # workers that reach it are lost to the run; their scans are done again by others


def make_cluster(kind: str) -> Any:
    """Give a cluster without workers; put in the names of your queue and account."""
    if kind == "local":
        from distributed import LocalCluster

        given = {"MEMORY_GB": MEMORY_GB}
        return LocalCluster(n_workers=0, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, resources=given, memory_limit=0)
    from dask_jobqueue import PBSCluster, SGECluster, SLURMCluster

    a_worker = {"cores": CORES, "processes": 1, "memory": f"{MEMORY_GB}GB", "walltime": WALLTIME, "worker_extra_args": RESOURCES}
    if kind == "slurm":
        return SLURMCluster(queue="cpu", account="ct", **a_worker)
    if kind == "sge":  # h_vmem counts addresses, of which libraries reserve more than they use
        return SGECluster(queue="all.q", resource_spec=f"h_vmem={MEMORY_GB + 2}G", **a_worker)
    if kind == "pbs":
        return PBSCluster(queue="batch", resource_spec=f"select=1:ncpus={CORES}:mem={MEMORY_GB}gb", **a_worker)
    raise SystemExit(f"there is no kind {kind!r} of cluster; choose slurm, sge, pbs or local")


def main() -> int:
    """Run the command on workers, and give its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", required=True, help="slurm, sge, pbs, or local")
    parser.add_argument("--workers", type=int, required=True, help="scans at once")
    parser.add_argument("command", nargs="+", help="behind --")
    options = parser.parse_args()
    with make_cluster(options.kind) as cluster:
        cluster.scale(options.workers)
        cluster.get_client().wait_for_workers(1)  # the others may come when the queue lets them
        return subprocess.run([*options.command, "--scheduler", cluster.scheduler_address]).returncode


if __name__ == "__main__":
    sys.exit(main())
