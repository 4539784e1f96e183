"""What spares a search of noise never hides a match."""

import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.extract.noise import _DIGIT, _RULES, _has_digit, without_noise

WORDS = (
    "3 12 2026 19 © (c) copyright siden sidan ago sitten dager dg t min read lesetid "
    "24. november nov mandag ⟨d⟩ kl 12:30 at am p.m. i går just now akkurat nå "
    "nettopp today session id token=abcdefgh - : ( ) visninger views kommentarer read "
    "by people found this gillar synes godt om 2026-01-02 1.2.2026 2026/1/2 for en "
    "omtrent tekst cookies godta. ж ፩ `sitat` 1\u00a0200 "
    "abcdabcd-abcd-abcd-abcd-abcdabcdabcd lukuaika ca. 1 200 3,5k + nyheter"
).split()
texts = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(texts)
def test_a_rule_that_is_not_searched_for_would_not_have_matched(text):
    for rule in _RULES:
        assert rule.taken_out(text) == rule.pattern.sub(rule.mark, text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([w for w in WORDS if w.isalpha()] + [":", "-"])))
def test_without_a_digit_no_other_rule_matches(words):
    text = " ".join(words)
    for rule in _RULES:
        assert rule.is_without_digits or rule.pattern.search(text) is None


@settings(max_examples=200, deadline=None)
@given(st.lists(texts, min_size=2, max_size=6))
def test_a_text_is_read_as_its_lines_are_one_by_one(lines):
    alone = filter(None, map(without_noise, lines))
    assert without_noise("\n".join(lines)) == " ".join(alone)


def test_a_digit_is_what_python_says_is_one():
    whole = "".join(map(chr, range(sys.maxunicode + 1)))
    assert _DIGIT.findall(whole) == [c for c in whole if c.isdigit()]
    assert all(_has_digit(c) == c.isdigit() for c in whole[:256])
    # Found beside letters of other alphabets too, where no shorter way is taken.
    assert _has_digit("ж ፩")
    assert not _has_digit("ж ⟨d⟩ Ⅷ")
