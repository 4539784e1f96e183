"""A child that takes loopback for the real web.

Names under `.example` resolve to this machine, the guard of addresses and the pause
between requests are lifted; everything else is as in production: https first, retries,
delays, no replay proxy.
"""

from pathlib import Path

_CHILD = """
import socket
import sys
from dataclasses import replace

real = socket.getaddrinfo


def mapped(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    return real("127.0.0.1" if name.endswith(".example") else host, *args, **kwargs)


socket.getaddrinfo = mapped
import scrapers.addresses as addresses
import scrapers.middlewares.visits as visits
import scrapers.run as run

load = run.load_source
run.load_source = lambda name: replace(load(name), download_delay_s={delay_s})
addresses.refused_host = visits.refused_host = lambda host: None
addresses.refused_ip = lambda address: None
{lines}
sys.exit(run.main())
"""


def loopback_program(folder: Path, *lines: str, delay_s: float = 0.0) -> str:
    """Write the program of such a child; lines are run before the crawl."""
    file = folder / "loopback_run.py"
    file.write_text(_CHILD.format(delay_s=delay_s, lines="\n".join(lines)))
    return str(file)
