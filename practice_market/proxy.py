"""The market as a forward proxy, and its truth on another port.

ASGI, absolute-form requests and sockets belong here; what is answered does not.
"""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from practice_market import truth
from practice_market.answer import Answer, Request, text
from practice_market.rate_limits import RateLimits
from practice_market.world import World

DAY_HEADER = b"lyttepost-replay-day"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class AbsoluteFormProtocol(HttpToolsProtocol):
    """HTTP/1.1 that keeps the authority of an absolute-form target.

    uvicorn drops it; RFC 9112 3.2.2 says that it wins over the Host header.
    """

    def on_headers_complete(self) -> None:
        """Put the authority into the scope and go on with the origin form."""
        if not self.url.startswith(b"/"):
            parts = urlsplit(self.url)
            self.scope["authority"] = parts.netloc  # type: ignore[typeddict-unknown-key]
            query = b"?" + parts.query if parts.query else b""
            self.url = (parts.path or b"/") + query
        super().on_headers_complete()


async def _send(scope: Scope, send: Send, answer: Answer) -> None:
    headers = list(answer.headers)
    if answer.chunks is None and answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    is_head = scope["method"] == "HEAD"
    if answer.chunks is not None and not is_head:
        for chunk in answer.chunks:
            part = {"type": "http.response.body", "body": chunk, "more_body": True}
            await send(part)
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def proxy_app(world: World) -> App:
    """The hosts of the market, as of the day that each request names."""
    market = world.market
    limits = RateLimits()

    def asked_day(header: bytes | None) -> int | str:
        if header is None:
            return "The request lacks the header Lyttepost-Replay-Day: YYYY-MM-DD."
        shown = header.decode("latin-1")
        try:
            day = (date.fromisoformat(shown) - market.start).days
        except ValueError:
            return f"The day {shown!r} is not written as YYYY-MM-DD."
        if not 0 <= day < market.days:
            return (
                f"The day {shown} is outside this market, which lasts from "
                f"{market.start} to {market.last_date}."
            )
        return day

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        headers = dict(scope["headers"])
        day = asked_day(headers.get(DAY_HEADER))
        if isinstance(day, str):
            await _send(scope, send, text(400, day))
            return
        authority = scope.get("authority") or headers.get(b"host", b"")
        host = authority.decode("latin-1").rpartition("@")[2].lower()
        request = Request(
            method=scope["method"],
            host=host.removesuffix(":80").removesuffix(":443"),
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            day=day,
            body=await _body(receive),
        )
        answer = limits.refusal(request) or world.answer(request)
        await _send(scope, send, answer)

    return app


def truth_app(world: World) -> App:
    """`/truth/NAME.jsonl` for every truth file, and a list of them at `/`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        path = scope["path"]
        names = {f"/truth/{name}.jsonl": name for name in truth.FILES}
        if path == "/":
            answer = text(200, "\n".join(names))
        elif path in names:
            body = truth.jsonl(world, names[path])
            answer = Answer(200, ((b"content-type", b"application/x-ndjson"),), body)
        else:
            answer = text(404, "There is no such truth file.")
        await _send(scope, send, answer)

    return app


class _Server(uvicorn.Server):
    """uvicorn's server without its own signal handlers: two run in one loop."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to `serve`."""
        return nullcontext()


def _server(app: App) -> tuple[_Server, socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(
        app,
        http=AbsoluteFormProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=120,
        timeout_graceful_shutdown=2,
    )
    return _Server(config), listener


def serve(world: World) -> None:
    """Serve market and truth on two free loopback ports until SIGTERM or SIGINT.

    Prints one JSON line {"proxy", "truth", "first_day", "last_day"} when both answer.
    """

    async def run() -> None:
        proxy, proxy_socket = _server(proxy_app(world))
        truths, truth_socket = _server(truth_app(world))

        def stop() -> None:
            proxy.should_exit = truths.should_exit = True

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)

        async def announce() -> None:
            while not (proxy.started and truths.started):
                await asyncio.sleep(0.01)
            ready = {
                "proxy": f"http://127.0.0.1:{proxy_socket.getsockname()[1]}",
                "truth": f"http://127.0.0.1:{truth_socket.getsockname()[1]}",
                "first_day": world.market.start.isoformat(),
                "last_day": world.market.last_date.isoformat(),
            }
            print(json.dumps(ready), file=sys.stdout, flush=True)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(proxy.serve(sockets=[proxy_socket]))
            tasks.create_task(truths.serve(sockets=[truth_socket]))
            tasks.create_task(announce())

    # uvicorn's choice of loop: uvloop where it is installed.
    factory = uvicorn.Config(proxy_app(world)).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(run())
