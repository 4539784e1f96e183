"""What changes on a page without its meaning changing, taken out before a digest.

Dates, times, relative times, counters, copyright years, session tokens and cookie
notices, in nb, nn, sv, da, fi and en. Choosing which part of the page is compared
is the business of ``page``; here text goes in and text comes out.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

_MONTHS = (
    # nb, nn, da, sv, en; abbreviations end in an optional full stop
    r"jan(?:uary|uar|uari)?|feb(?:ruary|ruar|ruari)?|mar(?:ch|s|ts)?|apr(?:il)?"
    r"|may|maj|mai|june?|juni|july?|juli|aug(?:usti?)?|sept?(?:ember)?"
    r"|o[ck]t(?:ober)?|nov(?:ember)?|de[cs](?:ember)?"
    # fi
    r"|(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)"
    r"kuu(?:ta|n|ssa)?"
)
_WEEKDAYS = (
    r"(?:man|tirs|tys|ons|tors|fre|lør|laur|søn|sun|mån|tis|fred|lör|sön)"
    r"dag(?:en)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:maanan|tiis|tors|perjan|lauan|sunnun)tai(?:na)?|keskiviikko(?:na)?"
)
# Only as a set phrase before a date.
_SHORT_WEEKDAYS = (
    r"man|tirs|tys|ons|tors|fre|lør|laur|søn|mån|tis|tor|lör|sön|ma|ti|ke|to|pe|la|su"
    r"|mon|tues?|wed|thur?s?|fri|sat|sun"
)
_UNITS = (
    r"sek(?:und(?:er|ar|et)?)?|seconds?|secs?|min(?:ut(?:ter|t|er|es?)?)?|mins?"
    r"|time?r?|timar|timme|timmar|hours?|hrs?|dag(?:er|ar|e|en)?|dg?r|days?|døgn|dygn"
    r"|uker?|veker?|vecka|veckor|uge|uger|weeks?|måned(?:er)?|månad(?:er)?"
    r"|months?|år|years?|sekunti(?:a)?|minuutti(?:a)?|tunti(?:a)?|päivä(?:ä)?"
    r"|viikko(?:a)?|kuukausi|kuukautta|vuosi|vuotta|vuorokau(?:si|tta)"
)
_SHORT_UNITS = r"s|sek|m|h|t|d|w|u|v|pv|vk|kk|mo|yr?"
_FEW = (
    r"en|ei|eitt?|ett?|én|éi|an?|one|et|to|två|two|tre|tri|three|fire|fyra|four|fem|five"
    r"|seks|sex|six|sju|syv|seven|åtte|åtta|otte|eight|ni|nio|nine|ti|tio|ten"
    r"|(?:a\s+)?few|several|noen|nokre|nokon|några|nogle|flere|fleire|flera"
    r"|yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen"
    r"|muutama(?:n|a)?|pari"
)
_ABOUT = (
    r"ca\.?|cirka|circa|om\s+lag|omtrent|rundt|about|over|almost|nearly|nesten|ungefär"
    r"|nästan|drygt|knappt|omkring|næsten|knap|noin|yli|lähes|alle|mer enn|meir enn"
    r"|more than|less than|under"
)
_NUMBER = r"\d{1,3}(?:[ \u00a0.,]\d{3})+|\d+(?:[.,]\d+)?\s?[kKmM]?"
_COUNTED = (
    r"views?|visits?|visitors?|reads?|likes?|shares?|comments?|replies|reviews?"
    r"|ratings?|followers?|downloads?|stars?|votes?|upvotes?|results?|hits?"
    r"|visning(?:er|ar)?|besøk(?:ende|ande)?|lesing(?:er|ar)?|kommentar(?:er|ar)?"
    r"|deling(?:er|ar)?|følg(?:ere|jarar)|følger(?:e)?|treff|nedlasting(?:er|ar)?"
    r"|stemmer|liker|visningar|delningar|kommentarer|följare|träffar|nedladdningar"
    r"|visninger|besøgende|delinger|følgere|resultater"
    r"|katselukertaa|kommenttia|tykkäystä|seuraajaa|tulosta"
)


@dataclass(frozen=True)
class _Rule:
    """What is taken out, and what a text must hold for it to be worth a search.

    ``words``: one of them; ``near``: a pattern that is quicker to look for. A text
    without any digit is only searched for what ``is_without_digits``.
    """

    pattern: re.Pattern[str]
    mark: str
    words: tuple[str, ...] = ()
    near: re.Pattern[str] | None = None
    is_without_digits: bool = False

    def taken_out(self, text: str) -> str:
        """The text with the mark in place of what moves."""
        if self.words and not any(map(text.__contains__, self.words)):
            return text
        if self.near is not None and self.near.search(text) is None:
            return text
        return self.pattern.sub(self.mark, text)


def _rule(
    pattern: str,
    mark: str,
    *words: str,
    near: str | None = None,
    without_digits: bool = False,
) -> _Rule:
    # Text is case-folded before, so patterns are lower case: without IGNORECASE the
    # engine can skip to where a match may begin.
    close = None if near is None else re.compile(near)
    return _Rule(re.compile(pattern), mark, words, close, without_digits)


_AGO = ("siden", "sidan", "sedan", "ago", "sitten")
_READING = ("read", "lesetid", "lesing", "läsning", "lästid", "læsetid", "læsning")
_RULES = (
    # Session tokens first: they may hold what looks like dates.
    _rule(
        r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b",
        " ",
        "-",
        without_digits=True,
    ),
    _rule(
        r"\b(?:session|sess|token|csrf|nonce|sid|request|req|ray|trace|build|ref)"
        r"[\s_-]*(?:id|nr|no|key|hash)?\s*[:=#]\s*[\w+/=-]{6,}",
        " ",
        *":=#",
        without_digits=True,
    ),
    # ISO and numeric dates, with or without a time
    _rule(
        r"\b\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?"
        r"(?:z|[+-]\d{2}:?\d{2})?)?\b",
        " ⟨d⟩ ",
        "-",
    ),
    _rule(
        r"(?<![\d.,])\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?![\d,]|\.\d)",
        " ⟨d⟩ ",
        near=r"\d[./-]\d\d?[./-]\d\d",
    ),
    _rule(
        r"(?<![\d.,])\d{4}[./]\d{1,2}[./]\d{1,2}(?![\d,]|\.\d)",
        " ⟨d⟩ ",
        near=r"\d[./]\d\d?[./]\d",
    ),
    # 24. november 2026 / 24 Nov 2026 / den 24:e november / 24. marraskuuta 2026
    _rule(
        rf"\b(?:(?:{_WEEKDAYS})\.?,?\s+)?(?:den\s+|d\.\s*)?"
        rf"\d{{1,2}}(?:\.|:[ae]|st|nd|rd|th)?"
        rf"\s*(?:of\s+)?(?:{_MONTHS})\b\.?,?(?:\s+\d{{4}}\b)?",
        " ⟨d⟩ ",
        near=rf"\d(?:\.|:[ae]|st|nd|rd|th)?\s*(?:of\s+)?(?:{_MONTHS})\b",
    ),
    # November 24, 2026 / Nov 24th / november 2026
    _rule(
        rf"\b(?:(?:{_WEEKDAYS})\.?,?\s+)?(?:{_MONTHS})\b\.?\s+"
        rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\b,?(?:\s+\d{{4}}\b)?|\d{{4}}\b)",
        " ⟨d⟩ ",
        near=rf"\b(?:{_MONTHS})\b\.?\s+\d",
    ),
    # Times of day
    _rule(
        r"(?:\b(?:kl|klokken|klokka|klockan|kello|klo|at)\.?\s*)?"
        r"\b\d{1,2}[:]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?(?!\w))?(?:\s*(?:ces?t|utc|gmt)\b)?",
        " ⟨t⟩ ",
        near=r"\d:\d\d",
    ),
    _rule(
        r"\b(?:kl|klokken|klokka|klockan|klo)\.?\s*\d{1,2}(?:\.\d{2})?\b",
        " ⟨t⟩ ",
        "kl",
    ),
    _rule(r"\b\d{1,2}\s*[ap]\.?m\.?(?!\w)", " ⟨t⟩ ", near=r"\d\s*[ap]\.?m"),
    # A weekday that stands before a date belongs to it.
    _rule(
        rf"\b(?:{_WEEKDAYS}|{_SHORT_WEEKDAYS})\.?,?\s+(?:(?:den|d\.)\s*)?(?=⟨d⟩)",
        " ",
        "⟨d⟩",
        without_digits=True,
    ),
    # Relative times
    _rule(
        rf"\b(?:f[oö]r\s+)?(?:(?:{_ABOUT})\s+)?(?:(?:\d+|{_FEW})\s+)?"
        rf"(?:{_UNITS})\.?\s+(?:siden|sidan|sedan|ago|sitten)\b",
        " ⟨d⟩ ",
        *_AGO,
        near=r"\s(?:siden|sidan|sedan|ago|sitten)\b",
        without_digits=True,
    ),
    _rule(
        rf"\b(?:f[oö]r\s+)?\d+\s*(?:{_SHORT_UNITS})\.?\s+"
        r"(?:siden|sidan|sedan|ago|sitten)\b",
        " ⟨d⟩ ",
        *_AGO,
    ),
    _rule(
        r"\b(?:just now|akkurat nå|akkurat no|nettopp|just nu|lige nu|juuri nyt"
        r"|yesterday|i går|igår|eilen|i dag|idag|today|tänään)\b",
        " ⟨d⟩ ",
        *("just n", "akkurat n", "nettopp", "lige nu", "juuri nyt", "yesterday"),
        *("går", "eilen", "dag", "today", "tänään"),
        without_digits=True,
    ),
    # Copyright years
    _rule(
        r"(?:©|\(c\)|&copy;|\b(?:copyright|opphavsrett|upphovsrätt|ophavsret"
        r"|tekijänoikeus|tekijänoikeudet)\b)(?:\s*(?:©|\(c\)))?\s*"
        r"(?:\d{4}\s*(?:[-–—/]\s*(?:\d{4}|\d{2}))?)",
        " © ",
        *("©", "(c)", "copy", "opphavsrett", "upphovsrätt", "ophavsret"),
        "tekijänoikeu",
    ),
    _rule(
        r"\b(?:19|20)\d{2}\s*(?:[-–—]\s*(?:19|20)\d{2}\s*)?(?=©|\(c\))",
        " ",
        *("©", "(c)"),
    ),
    # Counters
    _rule(
        rf"(?<![\w.,])(?:{_NUMBER})\s*\+?\s*(?:{_COUNTED})\b",
        " ⟨n⟩ ",
        near=rf"\d\s?[kKmM]?\s*\+?\s*(?:{_COUNTED})\b",
    ),
    _rule(rf"\b(?:{_COUNTED})\s*[:(]\s*(?:{_NUMBER})\)?", " ⟨n⟩ ", near=r"[:(]\s*\d"),
    _rule(
        rf"\b(?:lest|lese|läst|læst|read|viewed|seen|sett|set|besøkt|delt|shared|katsottu)"
        rf"\s+(?:(?:av|af|by)\s+)?(?:{_NUMBER})\s*"
        r"(?:personer|people|ganger|gonger|gånger|gange|times|kertaa)\b",
        " ⟨n⟩ ",
        *("person", "people", "gang", "gonger", "gånger", "times", "kertaa"),
    ),
    _rule(
        rf"(?<![\w.,])(?:{_NUMBER})\s+(?:(?:people|users|persons)\s+found\s+this"
        r"|(?:personer\s+)?gillar|synes\s+godt\s+om)\b",
        " ⟨n⟩ ",
        *("found", "gillar", "synes"),
    ),
    _rule(
        r"\b(?:lesetid|lästid|læsetid|lukuaika|reading\s+time|read\s+time)\s*:?\s*"
        r"(?:ca\.?\s*)?\d{1,3}\s*min(?:utter|uter|utes|uttia)?\b\.?",
        " ⟨n⟩ ",
        *(*_READING, "lukuaika"),
    ),
    _rule(
        r"\b\d{1,3}\s*(?:min(?:utters|utes|utter|uters)?\.?\s*)"
        r"(?:read|lesetid|lesing|läsning|lästid|læsetid|læsning)\b",
        " ⟨n⟩ ",
        *_READING,
    ),
)
_LATIN_DIGITS = "0123456789²³¹"
# Every character that str.isdigit says is one.
_DIGIT = re.compile(
    "[\\d²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒\u1369-\u1371\u19da"
    "\U00010a40-\U00010a43\U00010e60-\U00010e68\U00011052-\U0001105a"
    "\U0001f100-\U0001f10a]"
)
_WITHOUT_DIGITS = tuple(rule for rule in _RULES if rule.is_without_digits)
_SHORTEST_TOKEN = 16
_LONG_TOKEN = re.compile(
    rf"(?<![\w/.@+=-])[a-z0-9+/=_-]{{{_SHORTEST_TOKEN},}}(?![\w.@])"
)
_HEXADECIMAL = re.compile(r"[0-9a-f-]+")
_COOKIE_WORDS = ("cookie", "informasjonskapsl", "kakor", "eväste")
_COOKIE_WORD = re.compile(
    r"\b(?:cookies?|informasjonskapsl\w+|kakor|evästei\w+|eväste\w*)\b"
)
_CONSENT_WORD = re.compile(
    r"\b(?:accept\w*|agree\w*|consent\w*|godta\w*|aksepter\w*|samtykk\w*|godkän\w*"
    r"|samtyck\w*|tillad\w*|hyväksy\w*)\b"
)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_RELATIVE_WITHOUT_NUMBER = (
    *("siden", "sidan", "sedan", "ago", "sitten", "now", "nå", "no", "nu", "nyt"),
    *("nettopp", "yesterday", "går", "eilen", "dag", "today", "tänään"),
)
# A line with none of them, and no digit of another alphabet, holds no noise.
_HINTS = (*_COOKIE_WORDS, *_RELATIVE_WITHOUT_NUMBER, *_LATIN_DIGITS)
# The marks of two dates and nothing between are one date range.
_REPEATED_MARK = re.compile(r"⟨([dtn])⟩(?:\W*⟨[dtn]⟩)+")
_MARK = re.compile(r"⟨[dtn]⟩")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_QUOTES = tuple(zip("“”„«»’‘‚´`–—−\u00a0", "\"\"\"\"\"'''''--- ", strict=True))


def without_noise(text: str) -> str:
    """The text with everything that moves by itself replaced by neutral marks.

    Idempotent, case folded, white space collapsed. Lines are read one by one, so a
    date belongs to its line; line breaks are not kept, so a changed layout of the same
    lines gives the same result.
    """
    lines = text.splitlines()
    if len(lines) == 1:
        return _settled(_on_one_line(_folded(text)))
    # All lines at once, and only those that may hold noise one by one: the digest of a
    # text of 12 kB takes .29 ms, .51 before (2026-11-28).
    worded = [line.split() for line in _folded("\n".join(lines)).split("\n")]
    words = " ".join(set(chain.from_iterable(worded)))
    hints = [hint for hint in _HINTS if hint in words]
    is_beyond = not _is_latin(words)
    told = []
    for line in map(" ".join, worded):
        may_hold = any(map(line.__contains__, hints)) or (
            is_beyond and _has_digit(line)
        )
        told.append(_settled(line) if may_hold else line)
    return " ".join(filter(None, told))


def _on_one_line(text: str) -> str:
    # A regular expression took eight times as long (2026-11-27).
    return " ".join(text.split())


def _folded(text: str) -> str:
    """The text in one way of writing it, with the line breaks it had and no other."""
    # Of all that is put right here ASCII has one of the quotes.
    if text.isascii():
        return text.replace("`", "'").casefold()
    clean = unicodedata.normalize("NFKC", _visible(text))
    # By replace: translate takes a hundred times as long where hardly any occurs.
    for old, new in _QUOTES:
        clean = clean.replace(old, new)
    return clean.casefold()


@lru_cache(maxsize=50_000)
def _settled(clean: str) -> str:
    """A folded line, white space collapsed, without noise."""
    previous = ""
    # Taking one thing out can bring two halves of another together.
    for _ in range(6):
        if clean == previous:
            break
        previous = clean
        clean = _once(clean)
    return clean


def _visible(line: str) -> str:
    """The line without characters that take no room."""
    # All but the soft hyphen are beyond Latin-1, which is told sooner than by a search.
    if "\u00ad" not in line and _is_latin(line):
        return line
    return _INVISIBLE.sub("", line)


def _is_latin(text: str) -> bool:
    """True for text of Latin-1 alone."""
    if text.isascii():
        return True
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _once(text: str) -> str:
    before = text
    if any(map(text.__contains__, _COOKIE_WORDS)) and _COOKIE_WORD.search(text):
        text = "".join(
            sentence
            for sentence in _SENTENCE.findall(text)
            if not (_COOKIE_WORD.search(sentence) and _CONSENT_WORD.search(sentence))
        )
    has_digit = _has_digit(text)
    if has_digit or any(map(text.__contains__, _RELATIVE_WITHOUT_NUMBER)):
        if has_digit and max(map(len, text.split(" "))) >= _SHORTEST_TOKEN:
            text = _LONG_TOKEN.sub(_without_token, text)
        for rule in _RULES if has_digit else _WITHOUT_DIGITS:
            text = rule.taken_out(text)
        if "⟨" in text:
            text = _REPEATED_MARK.sub(r"⟨d⟩", text)
    return text if text == before else _on_one_line(text)


def _has_digit(text: str) -> bool:
    """True for text with a character that str.isdigit says is one."""
    if any(map(text.__contains__, _LATIN_DIGITS)):
        return True
    return not _is_latin(text) and _DIGIT.search(text) is not None


def _without_token(found: re.Match[str]) -> str:
    """Nothing for a session token or hash, the word itself for a long word."""
    token = found.group()
    digits = sum(character.isdigit() for character in token)
    letters = sum(character.isalpha() for character in token)
    is_hash = _HEXADECIMAL.fullmatch(token) is not None and digits and letters
    is_token = len(token) >= 24 and digits >= 4 and letters >= 4 and "/" not in token
    return " " if is_hash or is_token else token


def text_digest(text: str) -> str:
    """``sha256:<hex>`` of the text without noise; equal digests mean equal meaning.

    A line that held nothing but a date, a time or a counter counts as absent, so
    that a "last updated" line may come and go.
    """
    return "sha256:" + hashlib.sha256(comparable(text).encode("utf-8")).hexdigest()


def comparable(text: str) -> str:
    """What ``text_digest`` hashes: the words that carry meaning, in order."""
    told = without_noise(text)
    if "⟨" not in told:
        return told
    told = _MARK.sub(" ", told)
    # Of white space it holds single spaces alone, so splitting it is not needed.
    while "  " in told:
        told = told.replace("  ", " ")
    return told.strip(" ")
