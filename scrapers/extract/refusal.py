"""The exceptions a parser may raise."""


class ParseRefused(ValueError):
    """The payload is not what the parser reads; one sentence says what and where."""


class NothingReadable(ParseRefused):
    """The payload is well formed but holds nothing to read, such as an empty shell.

    Absence must not be concluded from it: the parse stage calls it parse_empty.
    """
