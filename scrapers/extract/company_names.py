"""When two names are of one company, how sure that is, and why.

Comparing names belongs here. Where a name was found, and what else speaks for two
companies being one (a number, a domain), is weighed by who asks.

A name as people write it holds more than a name: a legal form, a trade name ("dba"),
a site in brackets. It is taken apart into the names it could be known by, and the best
pair of those decides.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein

from scrapers.extract.word_lists import word_list

# Words that say what kind of person in law a company is, folded.
_LEGAL_FORMS = frozenset(
    word_list(
        """
        as asa ans da ks sa ba nuf enk iks kf fkf sf bbl brl stiftelse stiftelsen
        aktieselskab aktiebolag aktiebolaget aksjeselskap aksjeselskapet
        allmennaksjeselskap allmennaksjeselskapet ab aps is hb kb
        oy oyj osakeyhtio ltd limited plc llc llp lp inc incorporated corp corporation
        co company gmbh ag kg kgaa ohg ug se sarl sas srl spa bv bvba nv
        aktiengesellschaft sp zoo ao oao zao ooo pao jsc ojsc cjsc pjsc na pllc pc
        pty pte bhd sdn kk pvt private doo ad dd ead eood ood sro spol kft zrt nyrt
        ltda sl slu sae fzc fze fzco llp lllp wll psc jsc tov pat tbk pt vof cv ehf hf
        spk
        """
    )
)
# Forms of several words; written as one of the above.
_LONG_FORMS = (
    ("limited liability company", "llc"),
    ("limited liability partnership", "llp"),
    ("limited partnership", "lp"),
    ("public limited company", "plc"),
    ("public joint stock company", "pjsc"),
    ("open joint stock company", "ojsc"),
    ("closed joint stock company", "cjsc"),
    ("joint stock company", "jsc"),
    ("gesellschaft mit beschrankter haftung", "gmbh"),
    ("societatea cu raspundere limitata", "srl"),
    ("societe a responsabilite limitee", "sarl"),
    ("societe anonyme", "sa"),
    ("sociedad anonima", "sa"),
    ("norskregistrert utenlandsk foretak", "nuf"),
    ("ansvarlig selskap", "ans"),
    ("obshchestvo s ogranichennoi otvetstvennostyu", "ooo"),
    ("publichnoe aktsionernoe obshchestvo", "pao"),
    ("aktsionernoe obshchestvo", "ao"),
)
# Words many companies share: they tell little of which company it is.
_COMMON = frozenset(
    word_list(
        """
        group gruppen konsern konsernet holding holdings invest investment investments
        international global norge norway norsk norske norwegian sverige danmark
        nordic nordisk scandinavia skandinavia europe european usa america american us
        management services service tjenester solutions systems system technologies
        technology teknologi partners partner capital eiendom eiendommer bygg drift
        entreprenor consulting consult radgivning industries industri industrier
        enterprises trading handel operations operating associates association
        foundation trust fund bank center centre senter club hotel restaurant
        restaurants hospitality retail store stores new york city school health care
        medical community construction transportation avd avdeling the of and og i for
        at de la le st north south east west products media food foods energy energi
        home homes general national first united financial finance insurance
        """
    )
)
_SMALL_WORDS = frozenset(word_list("the of and og i for at de la le den det"))
_ANDS = frozenset(word_list("og och und et"))
_NUMBERS = {
    word: str(number)
    for number, words in enumerate(
        (
            "zero null",
            "one en ein first",
            "two to second",
            "three tre third",
            "four fire fourth",
            "five fem",
            "six seks",
            "seven sju syv",
            "eight atte",
            "nine ni",
            "ten ti",
        )
    )
    for word in words.split()
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50}
_DBA = re.compile(r"\b(?:d\s*/\s*b\s*/\s*a|dba|aka|a/k/a|t/a|formerly|tidligere)\b\.?")
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_SITE = re.compile(r"^\s*(?:at|in|@|phase|the)\b|@|\b(?:site|facility|location)s?\b")
_AT_SITE = re.compile(r"\s+(?:at|@)\s+.*$|\s+[-–—]\s+.*$|\bstore\s+#?\d+.*$")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}[^\W\d_]?(?!\w)")
_WORD = re.compile(r"[^\W_]+")
_SLASHED_FORM = re.compile(r"\b([aki])/([slb])\b")
_POSSESSIVE = re.compile(r"['’`´]s?\b")
_PLAIN = str.maketrans(
    {"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o", "ð": "d", "þ": "th", "ß": "ss"}
    | {"ł": "l", "đ": "d", "ı": "i"}
    | dict(zip("абвгдезийклмнопрстуфыэі", "abvgdeziiklmnoprstufyei", strict=True))
    | {"ё": "e", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"}
    | {"ъ": "", "ь": "", "ю": "yu", "я": "ya", "ї": "yi", "є": "ye", "ґ": "g"}
)
# The spellings of æøå in addresses and foreign systems, after folding.
_WRITTEN_OUT = (("oe", "o"), ("aa", "a"), ("ae", "a"))
_COMMON_WEIGHT, _FORM_WEIGHT, _FIRST_FACTOR = 0.35, 0.08, 1.35
_SUCH_A_TYPO, _OTHER_WORDS = 0.8, 0.7


@dataclass(frozen=True)
class Likeness:
    """How alike two names are: 1 is the same name, 0.5 and more the same company."""

    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Name:
    """One name a company may be known by."""

    words: tuple[str, ...]
    forms: frozenset[str]

    @property
    def key(self) -> str:
        return " ".join(self.words)

    @property
    def joined(self) -> str:
        return "".join(self.words)


def fold(text: str) -> str:
    """Lower case without accents, in Latin letters; æ, ø, å as ae, o, a."""
    lowered = text.casefold().translate(_PLAIN)
    apart = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in apart if not unicodedata.combining(c))


@lru_cache(maxsize=50_000)
def company_key(name: str) -> str:
    """A company's name for look-up: no case, accents, punctuation or legal form.

    The same for "Sjømat-Huset AS", "SJØMAT HUSET AS" and "Sjoemat Huset"; a name that
    is nothing but a legal form keeps it.
    """
    one = _name(name)
    return _written_in(one.key) if one.words else " ".join(sorted(one.forms))


def bare_name(name: str) -> str:
    """A name as written, without brackets and the legal forms around it.

    What a register's name search is asked with; punctuation becomes spaces.
    """
    text = _BRACKETS.sub(" ", _DBA.split(name, maxsplit=1)[0])
    text = re.sub(r"(?<=\w)[/](?=[SsLlBb]\b)", "", text)
    words = re.sub(r"[^\w&]+|_", " ", text).split()
    kept = [w for w in words if fold(w) not in _LEGAL_FORMS]
    return " ".join(kept or words)


def search_spellings(name: str) -> tuple[str, ...]:
    """The spellings a register may keep a name under, the likeliest first.

    As written; with æ, ø, å for ae, oe, aa; a short one run together, a long one by
    its first two words.
    """
    bare = bare_name(name)
    words = bare.split()
    nordic = bare
    for written, letter in (("ae", "æ"), ("oe", "ø"), ("aa", "å")):
        nordic = re.sub(written, letter, nordic, flags=re.IGNORECASE)
    spellings = [bare, nordic]
    if 1 < len(words) <= 3:
        spellings.append("".join(words))
    if len(words) > 3:
        spellings.append(" ".join(words[:2]))
    return tuple(dict.fromkeys(s for s in spellings if len(s) > 1))


@lru_cache(maxsize=50_000)
def same_company(one: str, other: str) -> Likeness:
    """How likely it is that two names are of the same company.

    Args:
        one: a name as somebody wrote it.
        other: another.

    Returns:
        a score of 0 to 1 with its reasons; 0.5 and more says the same company.
    """
    if one > other:
        # Words are paired greedily, so the order is fixed.
        one, other = other, one
    if not one.strip() or not other.strip():
        return Likeness(0.0, ("a name is empty",))
    best = max(
        (
            _compared(a, b, rank_a + rank_b)
            for rank_a, a in enumerate(_aliases(one))
            for rank_b, b in enumerate(_aliases(other))
        ),
        key=lambda likeness: likeness.score,
        default=Likeness(0.0, ("nothing but legal forms",)),
    )
    return Likeness(round(best.score, 4), best.reasons)


def best_likeness(names: Sequence[str], others: Sequence[str]) -> Likeness:
    """The likeness of the two most alike of two lists of names."""
    return max(
        (same_company(one, other) for one in names for other in others),
        key=lambda likeness: likeness.score,
        default=Likeness(0.0, ("there is no name to compare",)),
    )


def _name(text: str) -> _Name:
    folded = _POSSESSIVE.sub("", fold(text).replace("&", " and "))
    folded = _INITIALS.sub(lambda m: re.sub(r"[.\s]", "", m[0]) + " ", folded)
    folded = _SLASHED_FORM.sub(r"\1\2", folded)
    folded = " ".join(_WORD.findall(folded))
    for long, short in _LONG_FORMS:
        folded = re.sub(rf"\b{long}\b", short, folded)
    words = ["and" if w in _ANDS else w for w in _numbered(folded.split())]
    forms = frozenset(w for w in words if w in _LEGAL_FORMS)
    core = _initials_joined([w for w in words if w not in _LEGAL_FORMS])
    while core and core[0] in ("the", "den", "det"):
        core = core[1:]
    return _Name(tuple(core), forms)


def _numbered(words: list[str]) -> list[str]:
    """Number words as digits: forty four, forty-four and 44 are one."""
    out: list[str] = []
    tens = 0
    for word in words:
        if word in _TENS:
            out.append(str(_TENS[word]))
            tens = _TENS[word]
            continue
        digit = _NUMBERS.get(word, word if len(word) == 1 else "")
        if tens and digit.isdecimal() and len(digit) == 1:
            out[-1] = str(tens + int(digit))
        else:
            out.append(word)
        tens = 0
    return out


def _initials_joined(words: list[str]) -> list[str]:
    """Letters that stand alone, one after another, are one word."""
    out: list[str] = []
    is_run = False
    for word in words:
        is_letter = len(word) == 1 and word.isalpha()
        if is_letter and is_run:
            out[-1] += word
        else:
            out.append(word)
        is_run = is_letter
    return out


@lru_cache(maxsize=50_000)
def _aliases(text: str) -> tuple[_Name, ...]:
    """The names a written name holds, the most official one first."""
    folded = fold(text)
    inside = [m.strip() for m in _BRACKETS.findall(folded)]
    outside = _BRACKETS.sub(" ", folded)
    parts = [part.strip(" ,.-") for part in _DBA.split(outside)]
    named = [p.strip() for text in inside for p in _DBA.split(text)]
    told = [*parts, *(p for p in named if p and not _SITE.search(p))]
    names: list[_Name] = []
    for part in told:
        for spelt in (part, _AT_SITE.sub("", part)):
            name = _name(spelt)
            if name.words and name not in names:
                names.append(name)
    return tuple(names[:6])


def _written_in(text: str) -> str:
    for written, letter in _WRITTEN_OUT:
        text = text.replace(written, letter)
    return text


def _weight(word: str, position: int) -> float:
    if word in _SMALL_WORDS:
        return _FORM_WEIGHT
    weight = _COMMON_WEIGHT if word in _COMMON else 1.0
    if word.isdigit():
        weight *= 0.8
    return weight * (_FIRST_FACTOR if position == 0 else 1.0)


def _compared(one: _Name, other: _Name, rank: int) -> Likeness:
    is_same_form = not one.forms or not other.forms or bool(one.forms & other.forms)
    if one.words == other.words:
        if is_same_form:
            return Likeness(1.0 - 0.01 * rank, ("the same name",))
        return Likeness(0.9 - 0.01 * rank, ("the same name, another legal form",))
    if _written_in(one.joined) == _written_in(other.joined):
        return Likeness(0.97 - 0.01 * rank, ("the same letters",))
    initials = _initialism(one, other) or _initialism(other, one)
    if initials is not None:
        return Likeness(0.62, (f"{initials} are the initials of the other",))
    return _by_words(one, other, rank)


def _initialism(short: _Name, long: _Name) -> str | None:
    """The initials that a name is, when they are those of the other."""
    if len(short.words) != 1 or not 3 <= len(short.words[0]) <= 6:
        return None
    told = [w for w in long.words if w not in _SMALL_WORDS]
    firsts = "".join(w[0] for w in told)
    with_form = firsts + "".join(sorted(f[0] for f in long.forms))[:1]
    word = short.words[0]
    return word.upper() if len(told) >= 2 and word in (firsts, with_form) else None


def _likeness_of_words(a: str, b: str) -> float:
    if a == b:
        return 1.0
    a, b = _written_in(a), _written_in(b)
    if a == b:
        return 0.98
    if a.isdigit() or b.isdigit() or min(len(a), len(b)) < 4:
        return 0.0
    edits = Levenshtein.distance(a, b)
    if edits == 1 and min(len(a), len(b)) >= 5:
        return 0.9
    alike = max(
        Levenshtein.normalized_similarity(a, b),
        0.5 * (JaroWinkler.similarity(a, b) + Levenshtein.normalized_similarity(a, b)),
    )
    return float(alike) if alike >= _SUCH_A_TYPO else 0.0


def _by_words(one: _Name, other: _Name, rank: int) -> Likeness:
    weights = [
        [_weight(w, i) for i, w in enumerate(name.words)] for name in (one, other)
    ]
    free = set(range(len(other.words)))
    shared, distinctive = 0.0, 0.0
    pairs: list[str] = []
    lonely: list[str] = []
    for i, word in enumerate(one.words):
        scored = [(_likeness_of_words(word, other.words[j]), -j) for j in free]
        alike, at = max(scored, default=(0.0, 0))
        if alike:
            j = -at
            free.discard(j)
            both = (weights[0][i] + weights[1][j]) / 2
            shared += alike * both
            pairs.append(word if alike == 1.0 else f"{word}~{other.words[j]}")
            if word not in _COMMON and word not in _SMALL_WORDS:
                distinctive += alike * both
        else:
            lonely.append(word)
    total_one, total_other = sum(weights[0]), sum(weights[1])
    whole = shared / max(total_one, total_other) if pairs else 0.0
    dice = 2 * shared / (total_one + total_other) if pairs else 0.0
    contained = shared / min(total_one, total_other) if pairs else 0.0
    starts = _likeness_of_words(one.words[0], other.words[0])
    score = 0.5 * dice + 0.2 * whole + 0.3 * contained * (0.4 + 0.6 * starts)
    reasons = []
    if pairs:
        reasons.append(f"shared words: {', '.join(pairs)}")
    if not distinctive and not (contained > 0.99 and len(pairs) > 1):
        score *= 0.55
        reasons.append("no word of its own is shared")
    if not starts:
        score *= 0.8
        reasons.append("they begin otherwise")
    odd = [
        [w for w in unshared if w not in _SMALL_WORDS]
        for unshared in (lonely, [other.words[j] for j in sorted(free)])
    ]
    if all(odd):
        # Each has a word where the other has another.
        score *= _OTHER_WORDS
    if any(odd):
        reasons.append(f"not shared: {', '.join(dict.fromkeys(odd[0] + odd[1]))}")
    typed = float(JaroWinkler.similarity(one.joined, other.joined))
    edits = Levenshtein.normalized_similarity(one.joined, other.joined)
    if edits >= 0.86 and not _differs_by_number(one, other):
        score = max(score, 0.5 * edits + 0.3 * typed)
        reasons.append(f"spelt alike ({edits:.2f})")
    return Likeness(max(0.0, min(0.95, score) - 0.01 * rank), tuple(reasons))


def _differs_by_number(one: _Name, other: _Name) -> bool:
    digits = [sorted(w for w in name.words if w.isdigit()) for name in (one, other)]
    return digits[0] != digits[1]
