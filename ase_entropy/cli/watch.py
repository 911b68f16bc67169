"""``ase-entropy watch``."""

import argparse
import time

from ase.db.core import Database

from ase_entropy.campaign.engines.progress import Progress
from ase_entropy.checks import real
from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.terminal import Terminal
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.ledger import Campaign, campaigns, finished_cycles
from ase_entropy.store.transactions import has_writer


class CLICommand:
    """Watch a campaign that is running elsewhere, until it has all its rows.

    Says so if nobody is writing the database. Only reads; Ctrl-C ends the watching, not
    the campaign.
    """

    usage = 'DB [options]'
    examples = ('harvest.db', 'postgresql://user@host/name --interval 60')

    @staticmethod
    def add_arguments(parser: CommandParser) -> None:
        """Add the options."""
        parser.groups['what'].add_argument(
            'db', metavar='DB', help='database that the campaign writes'
        )
        parser.groups['output'].add_argument(
            '--interval',
            type=float,
            default=2.0,
            metavar='S',
            help='time in s between two looks (default: %(default)s)',
        )

    @staticmethod
    def run(args: argparse.Namespace) -> None:
        """Look, wait, and look again."""
        real('--interval', args.interval, above=0.0, most=1e6)
        database = open_database(args.db, must_exist=True)
        known = campaigns(database)
        if not known:
            name = without_password(args.db)
            raise ValueError(f"db='{name}': no campaign has written it")
        number, progress = known[-1].number, Progress(known[-1].cycles)
        last, shown, alone = 0, None, False
        with Terminal(None) as terminal:
            while True:
                database = open_database(args.db, must_exist=True)  # ledger read anew
                was_alone, alone = alone, not has_writer(database)
                campaign = _campaign(database, number)
                new = finished_cycles(database, campaign, last).values()
                for row in new:
                    progress.add(row.keys)
                if not last:
                    progress.begin()
                last = max([last, *(row.id for row in new)])
                progress.total = campaign.cycles
                progress.lost = sum(campaign.failures.values())
                state = progress.done, progress.total, progress.lost
                if state != shown:
                    terminal.show('', progress)
                    shown = state
                if progress.done >= progress.total:
                    return
                if alone and not was_alone:
                    terminal.report(f'campaign {number}: nobody is writing it now')
                time.sleep(args.interval)


def _campaign(database: Database, number: int) -> Campaign:
    for campaign in campaigns(database):
        if campaign.number == number:
            return campaign
    name = without_password(database.filename)
    raise ValueError(f"db='{name}': campaign {number} is not there any more")
