"""What changes on a page without its meaning changing, taken out before a digest.

Dates, times, relative times, counters, copyright years, session tokens and cookie
notices, in nb, nn, sv, da, fi and en. Choosing which part of the page is compared
is the business of ``page``; here text goes in and text comes out.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache

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

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # Session tokens first: they may hold what looks like dates.
        (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", " "),
        (
            r"\b(?:session|sess|token|csrf|nonce|sid|request|req|ray|trace|build|ref)"
            r"[\s_-]*(?:id|nr|no|key|hash)?\s*[:=#]\s*[\w+/=-]{6,}",
            " ",
        ),
        # ISO and numeric dates, with or without a time
        (
            r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?"
            r"(?:Z|[+-]\d{2}:?\d{2})?)?\b",
            " ⟨d⟩ ",
        ),
        (r"(?<![\d.,])\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?![\d,]|\.\d)", " ⟨d⟩ "),
        (r"(?<![\d.,])\d{4}[./]\d{1,2}[./]\d{1,2}(?![\d,]|\.\d)", " ⟨d⟩ "),
        # 24. november 2026 / 24 Nov 2026 / den 24:e november / 24. marraskuuta 2026
        (
            rf"\b(?:(?:{_WEEKDAYS})\.?,?\s+)?(?:den\s+|d\.\s*)?"
            rf"\d{{1,2}}(?:\.|:[ae]|st|nd|rd|th)?"
            rf"\s*(?:of\s+)?(?:{_MONTHS})\b\.?,?(?:\s+\d{{4}}\b)?",
            " ⟨d⟩ ",
        ),
        # November 24, 2026 / Nov 24th / november 2026
        (
            rf"\b(?:(?:{_WEEKDAYS})\.?,?\s+)?(?:{_MONTHS})\b\.?\s+"
            rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\b,?(?:\s+\d{{4}}\b)?|\d{{4}}\b)",
            " ⟨d⟩ ",
        ),
        # Times of day
        (
            r"(?:\b(?:kl|klokken|klokka|klockan|kello|klo|at)\.?\s*)?"
            r"\b\d{1,2}[:]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?(?!\w))?(?:\s*(?:CES?T|UTC|GMT)\b)?",
            " ⟨t⟩ ",
        ),
        (r"\b(?:kl|klokken|klokka|klockan|klo)\.?\s*\d{1,2}(?:\.\d{2})?\b", " ⟨t⟩ "),
        (r"\b\d{1,2}\s*[ap]\.?m\.?(?!\w)", " ⟨t⟩ "),
        # A weekday that stands before a date belongs to it.
        (
            rf"\b(?:{_WEEKDAYS}|{_SHORT_WEEKDAYS})\.?,?\s+(?:(?:den|d\.)\s*)?(?=⟨d⟩)",
            " ",
        ),
        # Relative times
        (
            rf"\b(?:f[oö]r\s+)?(?:(?:{_ABOUT})\s+)?(?:(?:\d+|{_FEW})\s+)?"
            rf"(?:{_UNITS})\.?\s+(?:siden|sidan|sedan|ago|sitten)\b",
            " ⟨d⟩ ",
        ),
        (
            rf"\b(?:f[oö]r\s+)?\d+\s*(?:{_SHORT_UNITS})\.?\s+"
            r"(?:siden|sidan|sedan|ago|sitten)\b",
            " ⟨d⟩ ",
        ),
        (
            r"\b(?:just now|akkurat nå|akkurat no|nettopp|just nu|lige nu|juuri nyt"
            r"|yesterday|i går|igår|i går|eilen|i dag|idag|today|tänään)\b",
            " ⟨d⟩ ",
        ),
        # Copyright years
        (
            r"(?:©|\(c\)|&copy;|\b(?:copyright|opphavsrett|upphovsrätt|ophavsret"
            r"|tekijänoikeus|tekijänoikeudet)\b)(?:\s*(?:©|\(c\)))?\s*"
            r"(?:\d{4}\s*(?:[-–—/]\s*(?:\d{4}|\d{2}))?)",
            " © ",
        ),
        (r"\b(?:19|20)\d{2}\s*(?:[-–—]\s*(?:19|20)\d{2}\s*)?(?=©|\(c\))", " "),
        # Counters
        (rf"(?<![\w.,])(?:{_NUMBER})\s*\+?\s*(?:{_COUNTED})\b", " ⟨n⟩ "),
        (rf"\b(?:{_COUNTED})\s*[:(]\s*(?:{_NUMBER})\)?", " ⟨n⟩ "),
        (
            rf"\b(?:lest|lese|läst|læst|read|viewed|seen|sett|set|besøkt|delt|shared|katsottu)"
            rf"\s+(?:(?:av|af|by)\s+)?(?:{_NUMBER})\s*"
            r"(?:personer|people|ganger|gonger|gånger|gange|times|kertaa)\b",
            " ⟨n⟩ ",
        ),
        (
            rf"(?<![\w.,])(?:{_NUMBER})\s+(?:(?:people|users|persons)\s+found\s+this"
            r"|(?:personer\s+)?gillar|synes\s+godt\s+om)\b",
            " ⟨n⟩ ",
        ),
        (
            r"\b(?:lesetid|lästid|læsetid|lukuaika|reading\s+time|read\s+time)\s*:?\s*"
            r"(?:ca\.?\s*)?\d{1,3}\s*min(?:utter|uter|utes|uttia)?\b\.?",
            " ⟨n⟩ ",
        ),
        (
            r"\b\d{1,3}\s*(?:min(?:utters|utes|utter|uters)?\.?\s*)"
            r"(?:read|lesetid|lesing|läsning|lästid|læsetid|læsning)\b",
            " ⟨n⟩ ",
        ),
    )
)
_LONG_TOKEN = re.compile(r"(?<![\w/.@+=-])[a-z0-9+/=_-]{16,}(?![\w.@])")
_HEXADECIMAL = re.compile(r"[0-9a-f-]+")
_COOKIE_WORD = re.compile(
    r"\b(?:cookies?|informasjonskapsl\w+|kakor|evästei\w+|eväste\w*)\b"
)
_CONSENT_WORD = re.compile(
    r"\b(?:accept\w*|agree\w*|consent\w*|godta\w*|aksepter\w*|samtykk\w*|godkän\w*"
    r"|samtyck\w*|tillad\w*|hyväksy\w*)\b"
)
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_RELATIVE_WITHOUT_NUMBER = re.compile(
    r"siden|sidan|sedan|ago|sitten|now|nå|no|nu|nyt|nettopp|yesterday|går|eilen"
    r"|dag|today|tänään"
)
_SPACES = re.compile(r"\s+")
# The marks of two dates and nothing between are one date range.
_REPEATED_MARK = re.compile(r"⟨([dtn])⟩(?:\W*⟨[dtn]⟩)+")
_EDGE = re.compile(r"\s*⟨[dtn]⟩\s*")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_QUOTES = str.maketrans("“”„«»’‘‚´`–—−\u00a0", "\"\"\"\"\"'''''--- ")


def without_noise(text: str) -> str:
    """The text with everything that moves by itself replaced by neutral marks.

    Idempotent, case folded, white space collapsed. Lines are read one by one, so a
    date belongs to its line; line breaks are not kept, so a changed layout of the same
    lines gives the same result.
    """
    lines = (_line_without_noise(line) for line in text.splitlines())
    return _SPACES.sub(" ", " ".join(lines)).strip()


@lru_cache(maxsize=50_000)
def _line_without_noise(line: str) -> str:
    clean = unicodedata.normalize("NFKC", _INVISIBLE.sub("", line))
    clean = _SPACES.sub(" ", clean.translate(_QUOTES).casefold()).strip()
    previous = ""
    # Taking one thing out can bring two halves of another together.
    for _ in range(6):
        if clean == previous:
            break
        previous = clean
        clean = _once(clean)
    return clean


def _once(text: str) -> str:
    if _COOKIE_WORD.search(text):
        text = "".join(
            sentence
            for sentence in _SENTENCE.findall(text)
            if not (_COOKIE_WORD.search(sentence) and _CONSENT_WORD.search(sentence))
        )
    has_digit = any(character.isdigit() for character in text)
    if has_digit or _RELATIVE_WITHOUT_NUMBER.search(text):
        if has_digit:
            text = _LONG_TOKEN.sub(_without_token, text)
        for pattern, replacement in _RULES:
            text = pattern.sub(replacement, text)
        text = _REPEATED_MARK.sub(r"⟨d⟩", text)
    return _SPACES.sub(" ", text).strip()


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
    marked = without_noise(text)
    return _SPACES.sub(" ", _EDGE.sub(" ", marked)).strip()
