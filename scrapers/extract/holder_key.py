"""The identity of a natural person in a register, without the person's birth date."""

import hashlib
import hmac
import unicodedata

# Names the hash, so that a digest made elsewhere of the same facts does not match.
_KEY = b"lyttepost.registry_roles.holder"
_BIRTH_DATE_BUCKETS = 1024


def holder_key(name: str, birth_date: str | None) -> str:
    """Identity of a natural person in the register, 32 hex digits.

    The birth date only chooses one of 1,024 buckets: enough to keep two people of the
    same name apart, too little to tell anybody's birth date by trying them all.
    """
    normal = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    bucket = 0
    if birth_date is not None:
        mixed = _keyed(birth_date)
        bucket = 1 + int.from_bytes(mixed[:4], "big") % _BIRTH_DATE_BUCKETS
    return _keyed(f"{normal}\n{bucket}").hex()[:32]


def _keyed(text: str) -> bytes:
    return hmac.new(_KEY, text.encode("utf-8"), hashlib.sha256).digest()
