"""A crawl in a process that was forked from one which has its libraries.

Of the seconds of processor time a crawl of a few pages took, one went to importing
Scrapy, Twisted and aiohttp. A server of Python's `forkserver` imports them once
(`scrapers.crawl_libraries`); each crawl is then a fork of it, with a reactor, a log and
an end of its own, like `python -m scrapers.run`.

Imported by those who start crawls, so nothing heavy is imported before `crawl`.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread

from scrapers.settings import take_environment

LIBRARIES = "scrapers.crawl_libraries"
_ENDS_WITH_PARENT = 1


def crawl(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    told: Connection,
    log: Path,
) -> None:
    """Be the process of one crawl; see `scrapers.run.main` for what it does.

    Args:
        arguments: those of the command line of `scrapers.run`.
        environment: the environment of who asks, who may have changed it since the
            server was started.
        folder: the working folder of who asks.
        told: becomes standard output.
        log: becomes standard error.

    Raises:
        SystemExit: always, with the exit code of the crawl.
    """
    _tie()
    # The server ignores it, for whoever started it answers an interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(told.fileno(), 1)
    told.close()
    with log.open("wb") as errors:
        os.dup2(errors.fileno(), 2)
    take_environment(environment)
    os.chdir(folder)
    from scrapers.run import main

    sys.exit(main(arguments))


def _tie() -> None:
    """End with who asked, even when that is killed itself.

    A crawl left behind would write beside the next run, or visit a web whose replay has
    ended. The server would take it along, by what Linux offers, but puts its own house
    in order first; so the asker is watched too.
    """
    ctypes.CDLL(None).prctl(_ENDS_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    asker = parent_process()
    if asker is None or not asker.is_alive():
        sys.exit(1)

    def watch() -> None:
        wait([asker.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)

    Thread(target=watch, daemon=True).start()
