"""`privacy.yml`: on what ground people are named, as whoever answers for it wrote.

Read beside the accounts file and landed with it. Without it nothing is wrong: people
are shown by their role. What a lawyer must say stands in the documents it names.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import yaml

NAME = "privacy.yml"
LEGAL_BASIS = "GDPR article 6(1)(f): legitimate interest in public roles"


class PolicyRefused(ValueError):
    """A privacy.yml that is not understood; says what to do."""


@dataclass(frozen=True)
class Policy:
    """What is recorded; None where nothing is.

    ``legitimate_interest_assessment`` names the assessment under GDPR article 6(1)(f),
    ``notice_record`` where it is written that people were told (article 14).
    """

    legitimate_interest_assessment: str | None = None
    notice_record: str | None = None


def policy_file(home: Path) -> Path:
    """Where it is landed."""
    return home / "landing" / "_accounts" / NAME


def read_policy(file: Path) -> Policy:
    """Read a privacy.yml; the empty policy when there is none.

    Raises:
        PolicyRefused: a key that is not known, or a value that names nothing.
    """
    if not file.exists():
        return Policy()
    try:
        said = yaml.safe_load(file.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise PolicyRefused(f"{file}: is not YAML: {error}") from error
    known = [field.name for field in fields(Policy)]
    if not isinstance(said, dict) or set(said) - set(known):
        raise PolicyRefused(f"{file}: may only hold {' and '.join(known)}")
    for key, value in said.items():
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise PolicyRefused(
                f"{file}: {key} is {value!r}; write the name of the document, or leave "
                "the line out"
            )
    return Policy(**said)
