"""Telling a person that something is wrong: by webhook and by e-mail.

What is wrong is found by the doctor, outside of any run, so that a source that was not
asked at all is told of too. Where to is a setting; an address or password never stands
in what is said, nor in the error when it cannot be sent.
"""

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

from orchestration.doctor import Finding, faults
from orchestration.settings import AlertSettings

_TIMEOUT_S = 20


class NotSent(RuntimeError):
    """An alert that reached nobody; says by which way and why."""


@dataclass(frozen=True)
class Sent:
    """By which ways an alert went."""

    ways: tuple[str, ...]
    n_findings: int

    def sentence(self) -> str:
        """In words."""
        ways = " and ".join(self.ways)
        return f"{self.n_findings} findings were sent by {ways}."


def due(home: Path, today: date) -> list[Finding]:
    """What a person should be told of: faults, and sources that have gone stale."""
    return faults(home, today)


def send(findings: Sequence[Finding], home: Path, settings: AlertSettings) -> Sent:
    """Send findings by every way that is set.

    Raises:
        NotSent: no way is set, or one of them failed; the others were tried.
    """
    ways = settings.ways()
    if not ways:
        raise NotSent(
            "nobody can be told: set LYTTEPOST_ALERT_WEBHOOK, or LYTTEPOST_ALERT_EMAIL "
            "with LYTTEPOST_SMTP"
        )
    told, failed = [], []
    for way in ways:
        try:
            (_by_webhook if way == "webhook" else _by_email)(findings, home, settings)
            told.append(way)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            failed.append(f"{way} ({_reason(error)})")
    if failed:
        raise NotSent(f"an alert could not be sent by {', '.join(failed)}")
    return Sent(tuple(told), len(findings))


def _reason(error: Exception) -> str:
    """Why, without the address: it may hold a password."""
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    if isinstance(error, urllib.error.URLError):
        return f"{type(error.reason).__name__}"
    return type(error).__name__


def _text(findings: Sequence[Finding], home: Path) -> str:
    lines = [f"Lyttepost, {home}:"]
    return "\n".join([*lines, *(f"- {f.subject}: {f.sentence}" for f in findings)])


def _by_webhook(
    findings: Sequence[Finding], home: Path, settings: AlertSettings
) -> None:
    if urlsplit(settings.webhook).scheme not in ("http", "https"):
        raise ValueError("no address")
    body = {
        # What chat services show; the rest is for machines.
        "text": _text(findings, home),
        "findings": [f.as_dict() for f in findings],
    }
    request = urllib.request.Request(
        settings.webhook,
        json.dumps(body, ensure_ascii=False).encode(),
        {"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S):
        pass


def _by_email(findings: Sequence[Finding], home: Path, settings: AlertSettings) -> None:
    server = urlsplit(settings.smtp)
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise ValueError("no server")
    message = EmailMessage()
    message["Subject"] = f"Lyttepost: {len(findings)} to look at"
    message["From"] = settings.email_from or settings.email
    message["To"] = settings.email
    message.set_content(_text(findings, home))
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.hostname, server.port or 465, timeout=_TIMEOUT_S, context=context
        )
    else:
        client = smtplib.SMTP(server.hostname, server.port or 25, timeout=_TIMEOUT_S)
    with client:
        client.ehlo()
        is_closed = server.scheme == "smtps"
        if not is_closed and client.has_extn("starttls"):
            client.starttls(context=context)
            is_closed = True
        if server.username:
            if not is_closed:
                raise ValueError("a password is not sent in the open")
            client.login(unquote(server.username), unquote(server.password or ""))
        client.send_message(message)
