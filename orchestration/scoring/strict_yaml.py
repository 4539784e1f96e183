"""YAML of this package read strictly: the unknown is refused by file and line.

Only reading and complaining belongs here; what the keys mean is in `weights`, `plays`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# The same language read by libyaml, where it is there: 25 ms become 4 for weights.yml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ScoringError(ValueError):
    """Scoring cannot go on; the sentence says what to mend."""


class ConfigError(ScoringError):
    """A file that does not say what it must, with file and line."""


def read_document(path: Path) -> yaml.MappingNode:
    """The root mapping of a YAML file.

    Raises:
        ConfigError: when the file is not YAML or its root is not a mapping.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{path}:1: the file must hold a mapping")
    return node


def where(path: Path, node: yaml.Node) -> str:
    """`file:line` of a node."""
    return f"{path}:{node.start_mark.line + 1}"


def entries(
    path: Path,
    node: yaml.Node,
    required: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> dict[str, yaml.Node]:
    """The nodes of a mapping by key; unknown, repeated and missing keys are refused.

    Raises:
        ConfigError: naming file, line and key.
    """
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{where(path, node)}: a mapping is expected here")
    found: dict[str, yaml.Node] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key not in required | optional:
            raise ConfigError(f"{where(path, key_node)}: key {key!r} is not understood")
        if key in found:
            raise ConfigError(f"{where(path, key_node)}: key {key!r} is given twice")
        found[key] = value_node
    missing = sorted(required - set(found))
    if missing:
        raise ConfigError(f"{where(path, node)}: {', '.join(missing)} is missing")
    return found


def items(path: Path, node: yaml.Node) -> list[yaml.Node]:
    """The nodes of a list.

    Raises:
        ConfigError: when the node is no list.
    """
    if not isinstance(node, yaml.SequenceNode):
        raise ConfigError(f"{where(path, node)}: a list is expected here")
    return list(node.value)


def text(path: Path, node: yaml.Node) -> str:
    """A non-empty text, inner whitespace made single.

    Raises:
        ConfigError: when it is anything else.
    """
    value = _plain(path, node)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where(path, node)}: a text is expected here")
    return " ".join(value.split())


def texts(path: Path, node: yaml.Node) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(text(path, n) for n in items(path, node))


def number(path: Path, node: yaml.Node) -> float:
    """A finite number.

    Raises:
        ConfigError: when it is anything else.
    """
    value = _plain(path, node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where(path, node)}: a number is expected here")
    return float(value)


def whole(path: Path, node: yaml.Node) -> int:
    """A whole number that is not negative.

    Raises:
        ConfigError: when it is anything else.
    """
    value = _plain(path, node)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigError(f"{where(path, node)}: a whole number is expected here")
    return value


def one_of(path: Path, node: yaml.Node, allowed: Mapping[str, Any]) -> str:
    """A text out of a closed list.

    Raises:
        ConfigError: naming what is allowed.
    """
    value = text(path, node)
    if value not in allowed:
        raise ConfigError(
            f"{where(path, node)}: {value!r} is not one of {', '.join(sorted(allowed))}"
        )
    return value


def _plain(path: Path, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        raise ConfigError(f"{where(path, node)}: a single value is expected here")
    constructor = yaml.SafeLoader("")
    return constructor.construct_object(node, deep=True)
