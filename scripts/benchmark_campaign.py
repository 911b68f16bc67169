"""What executors give: python scripts/benchmark_campaign.py.

Wall time of the same cycles in this process, with one and two worker processes, and on
a dask cluster of two. The machine should be idle: its load is printed. Some two
minutes; scripts/benchmark_driver.py measures the driver alone.
"""

import argparse
import os
import tempfile
import time

from distributed import Client, LocalCluster

from ase_entropy import campaign
from ase_entropy.campaign import RECIPES, Processes

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument('--cycles', type=int, default=200, help='of the cell of the paper')
parser.add_argument('--recipe', choices=list(RECIPES), default='quench')
args = parser.parse_args()


def seconds(recipe, cycles, executor):
    """Return the wall time of a campaign, and the processor time of this process."""
    with tempfile.TemporaryDirectory() as folder:
        started, used = time.perf_counter(), time.process_time()
        campaign.run(
            recipe,
            cycles,
            f'{folder}/w.db',
            seed=1,
            executor=executor,
            report=lambda line: None,
        )
        return time.perf_counter() - started, time.process_time() - used


if __name__ == '__main__':
    recipe = RECIPES[args.recipe]
    seconds(recipe, 1, None)  # compiled
    print(f'load of the machine before: {os.getloadavg()[0]:.2f}')
    print(f'\n| engine | {args.cycles} cycles (s) | of one worker | driver (s) |')
    print('|---' * 4 + '|')
    alone = None
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as c:
        with Client(c, set_as_default=False) as client:
            for name, executor in (
                ('one worker', Processes(1)),
                ('two workers', Processes(2)),
                ('dask, two workers', client.get_executor()),
                ('this process', None),
            ):
                wall, used = seconds(recipe, args.cycles, executor)
                alone = alone or wall
                print(
                    f'| {name} | {wall:.1f} | {alone / wall:.2f} | {used:.1f} |',
                    flush=True,
                )
                if isinstance(executor, Processes):
                    executor.shutdown()
