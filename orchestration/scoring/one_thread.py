"""Small linear algebra on one thread, whatever the library was built for.

Threads that wait for each other cost more than they save on what is scored and fitted
here: a million rows of 40 columns took .83 to 5 s of processor time on two threads,
most of it waiting, and .47 s on one (2026-11-28). What is computed belongs elsewhere.
"""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """A context in which the linear algebra libraries use one thread."""
    limit: AbstractContextManager[object] = _loaded().limit(limits=1, user_api="blas")
    return limit


@cache
def _loaded() -> ThreadpoolController:
    """The libraries that are loaded; looked for once, which takes milliseconds."""
    return ThreadpoolController()
