"""A recorded web as a forward proxy on loopback.

The ASGI application, absolute-form requests and the start of the server belong here;
what is answered does not (recorded_web.py).
"""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from orchestration.replay.recorded_web import Answer, RecordedWeb

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


def _day(text: bytes | None) -> date | str:
    if text is None:
        return "The request lacks the header Lyttepost-Replay-Day: YYYY-MM-DD."
    try:
        return date.fromisoformat(text.decode("ascii"))
    except (UnicodeDecodeError, ValueError):
        return (
            f"The header Lyttepost-Replay-Day {text.decode('latin-1')!r} is not a day "
            "written as YYYY-MM-DD."
        )


def application(web: RecordedWeb) -> App:
    """The ASGI application that answers for the hosts of a recorded web."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only http is served, not {scope['type']}")
        headers = dict(scope["headers"])
        day = _day(headers.get(DAY_HEADER))
        if isinstance(day, str):
            text = ("content-type", "text/plain; charset=utf-8")
            answer = Answer(400, (text,), (day + "\n").encode())
        else:
            host = scope.get("authority") or headers.get(b"host", b"")
            target = scope["raw_path"].decode("latin-1")
            if scope["query_string"]:
                target += "?" + scope["query_string"].decode("latin-1")
            answer = web.answer(
                scope["method"],
                f"http://{host.decode('latin-1')}{target}",
                day,
                {k.decode("latin-1"): v.decode("latin-1") for k, v in headers.items()},
            )
        pairs = [(k.encode(), v.encode("latin-1")) for k, v in answer.headers]
        if answer.status != 304:
            pairs.append((b"content-length", str(len(answer.body)).encode()))
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": pairs}
        )
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    return app


def serve(folder: Path) -> None:
    """Serve a folder on a free loopback port until SIGTERM.

    Prints one JSON line {"proxy", "first_day", "last_day"} when it can be asked.
    """
    web = RecordedWeb(folder)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    config = uvicorn.Config(
        application(web),
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
    server = uvicorn.Server(config)

    async def announce() -> None:
        while not server.started:
            await asyncio.sleep(0.01)
        ready = {
            "proxy": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "first_day": web.first_day.isoformat(),
            "last_day": web.last_day.isoformat(),
        }
        print(json.dumps(ready), file=sys.stdout, flush=True)

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            tasks.create_task(announce())

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(both())
