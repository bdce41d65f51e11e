"""Structured logs from an allow-list: what is not named here cannot be written."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "request_id",
        "method",
        "route",
        "status",
        "milliseconds",
        "job",
        "channel",
        "count",
        "code",
        "error",
        "version",
        "mode",
    }
)


def only_allowed(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list; flatten line breaks so that one event is one line."""
    return {
        key: "⏎".join(value.splitlines()) if isinstance(value, str) else value
        for key, value in entry.items()
        if key in ALLOWED
    }


def set_up() -> None:
    """JSON lines on stderr; uvicorn's own access log (it would print paths with queries) is silenced."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("uvicorn.access").disabled = True


def log() -> Any:
    return structlog.get_logger()
