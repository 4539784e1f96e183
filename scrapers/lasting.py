"""Which of an answer's headers last, so that a visit that finds them again is no news.

An answer whose payload and lasting headers an earlier record has already needs no
record of its own (landing.py, decision 22). What a header says of a site belongs to who
reads it (envelope.py); where a record is, to landing.py.
"""

import hashlib
import re
from collections.abc import Iterable

# The visit's row has them: content_type, etag, last_modified, and n_bytes.
IN_THE_ROW = frozenset(("content-type", "etag", "last-modified", "content-length"))
# Of one connection and not of the page, RFC 9110 7.6.1; the archive keeps the second
# under this name.
OF_THE_CONNECTION = frozenset(
    (
        "connection",
        "x-archive-orig-transfer-encoding",
        "keep-alive",
        "trailer",
        "upgrade",
    )
)
# They come and go with a cache, a load balancer or a limit; not even the name lasts.
COME_AND_GO = frozenset(
    (
        "age",
        "cf-cache-status",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "warning",
        "x-cache",
        "x-cache-hits",
        "x-cache-status",
        "x-drupal-cache",
        "x-drupal-dynamic-cache",
        "x-litespeed-cache",
        "x-proxy-cache",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-vercel-cache",
    )
)
# The moment, and marks drawn for each answer: that they are sent lasts, the value does
# not. Expires says the moment once more: for how long it holds is Cache-Control.
OF_THE_MOMENT = frozenset(
    (
        # Moments and durations.
        "date",
        "expires",
        "server-timing",
        "x-envoy-upstream-service-time",
        "x-response-time",
        "x-runtime",
        "x-timer",
        # Marks of one request.
        "cf-ray",
        "cf-request-id",
        "fly-request-id",
        "request-id",
        "traceparent",
        "tracestate",
        "x-amz-cf-id",
        "x-amz-id-2",
        "x-amz-request-id",
        "x-amzn-requestid",
        "x-amzn-trace-id",
        "x-azure-ref",
        "x-cloud-trace-context",
        "x-correlation-id",
        "x-fastly-request-id",
        "x-github-request-id",
        "x-ms-request-id",
        "x-nf-request-id",
        "x-request-id",
        "x-trace-id",
        "x-varnish",
        "x-vercel-id",
        # Which machine of many answered.
        "x-amz-cf-pop",
        "x-backend-server",
        "x-served-by",
        # Addresses for reports, with a token of the answer.
        "nel",
        "report-to",
        "reporting-endpoints",
    )
)
_LEFT_OUT = IN_THE_ROW | OF_THE_CONNECTION | COME_AND_GO
_NONCE = re.compile(r"'nonce-[^']*'")
_TARGET = ":target"
_DIGITS = 16

# What an answer says besides its payload: names of headers, with values.
Said = frozenset[tuple[str, str]]


def lasting(target: str, headers: Iterable[tuple[str, str]]) -> Said:
    """What an answer says besides its payload that may be there at the next visit.

    Args:
        target: the address that answered, after redirects.
        headers: its headers as the archive has them.

    Returns:
        Names in lower case with values: of a cookie its name, of a policy with a nonce
        the policy without it, of what is drawn anew for each answer nothing.
    """
    kept = {(_TARGET, target)}
    for name, value in headers:
        lowered = name.lower()
        if lowered in _LEFT_OUT:
            continue
        if lowered in OF_THE_MOMENT:
            kept.add((lowered, ""))
        elif lowered == "set-cookie":
            kept.add((lowered, value.partition("=")[0].strip()))
        elif lowered.startswith("content-security-policy"):
            kept.add((lowered, _NONCE.sub("'nonce-'", value)))
        else:
            kept.add((lowered, value))
    return frozenset(kept)


def digest_of(said: Said) -> str:
    """64 bits of SHA-256, in hex: enough to tell the answers of one address apart."""
    text = "\n".join(f"{name}: {value}" for name, value in sorted(said))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
