"""Log lines as JSON, one object a line, for whoever collects them.

What is logged is each module's business; where it goes, the program's.
"""

import json
import logging
import sys
from datetime import UTC, datetime

_PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """time, level, logger, message; error with its trace where there is one."""

    def __init__(self, **always: str) -> None:
        """Args: always: what every line says besides, as the source of a crawl."""
        super().__init__()
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self._always,
        }
        if record.exc_info:
            said["error"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def log_to_stderr(is_json: bool, **always: str) -> None:
    """Send warnings and worse of this process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(**always) if is_json else logging.Formatter(_PLAIN))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
