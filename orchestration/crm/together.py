"""Calls side by side: a bounded number of threads, and none where one is enough.

What is called, and what is made of the answers, does not belong here.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Part = TypeVar("Part")
Said = TypeVar("Said")


class _Here(Executor):
    """Does each call at once, in the thread that asks for it."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **said: Any) -> Any:
        done: Future[Any] = Future()
        try:
            done.set_result(call(*args, **said))
        except BaseException as error:  # noqa: BLE001 - raised again by its result()
            done.set_exception(error)
        return done


@contextmanager
def workers(n: int) -> Iterator[Executor]:
    """So many workers; those under way come to their end before it is left."""
    if n == 1:
        yield _Here()
        return
    with ThreadPoolExecutor(n, thread_name_prefix="crm") as pool:
        yield pool


def each(n: int, call: Callable[[Part], Said], parts: Iterable[Part]) -> Iterator[Said]:
    """What the call makes of each part, in their order, `n` of them at a time."""
    with workers(n) as pool:
        waiting = [pool.submit(call, part) for part in parts]
        for done in waiting:
            yield done.result()
