"""Word lists as they are read best: a block of words, parted by white space."""


def word_list(text: str) -> list[str]:
    """The words of a block, in order."""
    return text.split()
