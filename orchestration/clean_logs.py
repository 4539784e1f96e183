"""Log lines without secrets, whoever writes them and whatever they hold.

An error of a driver or a service may hold the address or the token it was given, and
Dagster prints the whole chain of errors. What is stored elsewhere is cleaned where it
is stored (defs/event_log.py, crm/fault.py, publish/destinations/protocol.py).
"""

import logging
import traceback
from typing import Any

from orchestration.settings import without_secrets


def keep_secrets_out() -> None:
    """Let every log line of this process be made without secrets; once is enough."""
    before = logging.getLogRecordFactory()
    if getattr(before, "keeps_secrets_out", False):
        return

    def clean(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = before(*arguments, **named)
        # `logging.makeLogRecord` has no level yet: it copies a record made before.
        if record.levelno is None or record.levelno < logging.INFO:
            return record
        said = record.getMessage()
        cleaned = without_secrets(said)
        if cleaned != said:
            record.msg, record.args = cleaned, ()
        if record.exc_info and record.exc_info[0] is not None:
            # A formatter takes this for what it would make of the error itself.
            told = "".join(traceback.format_exception(*record.exc_info))
            record.exc_text = without_secrets(told.rstrip("\n"))
        return record

    clean.keeps_secrets_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(clean)
