"""Which language a text is in, by its words and the spelling of those not listed.

Bokmål, nynorsk, Danish, Swedish, Finnish and English. ``language_words.csv`` holds
words with the languages that write them so; the tables here hold letter sequences
(``^`` and ``$`` are the edges of a word) that one language writes and its neighbours do
not, such as -sjon, -tion, -hed, -heit. No model, no state: the same text always gives
the same answer. The words are listed from knowledge of the languages, and for Norwegian
from counts in the open NorNE treebank (docs/decisions/0007-language-by-words.md).
"""

import re
from csv import DictReader
from functools import lru_cache
from importlib import resources
from itertools import islice

LANGUAGES = ("nb", "nn", "da", "sv", "fi", "en")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

# What a word says grows with how few languages write it so.
_WORD_WEIGHTS = {1: 3.0, 2: 2.0, 3: 1.2, 4: 0.6, 5: 0.2, 6: 0.0}

# Letter sequences, the languages that write them and how much each says.
_SEQUENCES: tuple[tuple[str, str], ...] = (
    # Consonants doubled at the end of a word are not Danish.
    ("kk$ tt$ pp$ nn$ mm$ gg$", "nb=1.3 nn=1.3 sv=.7"),
    ("ll$ ss$ ff$", "nb=.9 nn=.9 sv=.9 en=.7"),
    ("kk", "nb=.5 nn=.5 da=.2 fi=.6"),
    ("tt mm", "nb=.3 nn=.3 sv=.4 da=.1 fi=.2"),
    ("pp gg nn", "nb=.3 nn=.3 sv=.3"),
    ("ck", "sv=1.4 en=.8"),
    # Palatals are written out in Norwegian.
    ("gj kj", "nb=.9 nn=1"),
    ("skj", "nb=.4 nn=.4 da=.3"),
    ("tj", "sv=.7 nn=.3 nb=.2 da=.2"),
    ("sj", "nb=.5 nn=.5 sv=.4"),
    ("stj hj", "nb=.2 nn=.2 da=.2 sv=.2"),
    ("sjon", "nb=1.7 nn=1.5"),
    ("asje", "nb=.8 nn=.8"),
    ("tion ssion", "da=1.3 sv=1.3 en=1.2"),
    # Diphthongs.
    ("øy", "nb=1 nn=1.6"),
    ("ei", "nb=.6 nn=1.1"),
    ("au", "nb=.2 nn=.7"),
    ("øj", "da=2.2"),
    ("ej", "da=1.2 sv=.6"),
    ("av$", "nb=.3 nn=.3 sv=.3"),
    # Silent d.
    ("inde unde ynde", "da=.9 nb=.3 nn=.2"),
    ("inne unne ynne", "nb=.6 nn=.6 sv=.1"),
    ("ænd ind$ mand$ manden$", "da=.9"),
    ("ald$ uld$ ild$ ds$ rgs ørg", "da=.6"),
    ("^eien", "nb=1.5"),
    ("ldt$ ndt$ dte$", "da=.8"),
    ("dt$", "da=.3 nb=.2 nn=.2"),
    # Letters.
    ("ær", "da=.4 nb=.4 nn=.5"),
    ("æb æd æf æg æk æl æm æn æp æs æt æv", "da=1.3 nb=.2 nn=.2"),
    ("ø", "da=.8 nb=.9 nn=.9"),
    ("å", "da=.3 nb=.4 nn=.4 sv=.5"),
    ("ä", "sv=2 fi=1.3"),
    ("ö", "sv=2 fi=1.0"),
    ("x", "sv=.7 en=.7 da=.1"),
    ("w", "en=1"),
    ("z", "en=.5"),
    ("q", "en=.8"),
    ("c", "en=.5 sv=.5 da=.25"),
    ("y$", "en=.7"),
    ("ks", "nb=.4 nn=.4 da=.4 fi=.3"),
    ("th", "en=1.2"),
    ("sh ou ea", "en=.7"),
    ("ght", "en=1.5"),
    ("ee oo", "en=.5"),
    ("aa", "fi=1.0 da=.2"),
    ("ää yy öö uu ii", "fi=1.3"),
    ("uo yö ie äi ui", "fi=.4"),
    # Beginnings.
    ("^hv", "nb=1.2 da=1.2"),
    ("^kv", "nn=1 sv=.6 nb=.4 da=.4"),
    ("^opp", "nb=1.4 nn=1.4"),
    ("^op", "da=.6 nb=.1 nn=.1 en=.3"),
    ("^upp", "sv=1.6 nn=.4"),
    ("^ud", "da=1.4"),
    ("^ut", "nb=.9 nn=.9 sv=.8"),
    ("^ind", "da=1 en=.2 nb=.2 nn=.2 sv=.2"),
    ("^inn", "nb=1 nn=1 sv=.3"),
    ("^af", "da=1.4"),
    ("^av", "nb=.6 nn=.6 sv=.6"),
    ("^till", "sv=1.5 nb=.2"),
    ("^til", "nb=.5 nn=.5 da=.5"),
    ("^efter", "da=1 sv=1"),
    ("^etter", "nb=1.3 nn=1.3"),
    ("^för ^över", "sv=1.5"),
    ("^for ^over", "nb=.3 nn=.3 da=.3 en=.1"),
    ("^mod", "da=.5"),
    ("^frem", "nb=.7 da=.7"),
    ("^fram", "nn=.8 sv=.6 nb=.3"),
    ("^bag", "da=.6"),
    ("^bak", "nb=.5 nn=.5 sv=.4"),
    ("^sjølv", "nn=2"),
    ("^selv", "nb=.7 da=.7"),
    ("^heim", "nn=1.2"),
    ("^hjem", "nb=.7 da=.7"),
    ("^høg", "nn=1.2"),
    ("^høy", "nb=.8"),
    ("^eig", "nn=1.2"),
    ("^leia ^leii", "nn=1"),
    ("^mog", "nn=.8"),
    ("^skul", "nn=.4"),
    ("^ikk", "nb=.1"),
    # Endings of nouns.
    ("ene$", "nb=1 da=.45 nn=.4"),
    ("ane$ anes$", "nn=1.6"),
    ("erne$ ernes$", "da=1.6 nb=.9"),
    ("arna$ orna$ erna$", "sv=2"),
    ("ar$ arar$", "nn=.9 sv=.8"),
    ("or$", "sv=.4"),
    ("het$ heten$ heter$ hetene$ hets$", "nb=1.4 sv=1.3"),
    ("heit$ heita$ heiter$", "nn=2"),
    ("hed$ heden$ heder$ hederne$ heds$", "da=2.2"),
    ("else$ elsen$ elser$ elsene$ elses$", "nb=.8 da=.8"),
    ("inga$ ingane$ ingar$", "nn=1.6"),
    ("ingen$ ingene$", "nb=.5 da=.2 sv=.3"),
    ("ninger$ inger$", "nb=.5 da=.5"),
    ("ingarna$", "sv=1"),
    ("en$ ens$", "nb=.3 da=.3 sv=.3 nn=.15"),
    ("et$ ets$", "nb=.35 da=.35 nn=.25 sv=.2"),
    ("er$", "nb=.35 da=.35 nn=.2 sv=.15 en=.1"),
    ("a$", "nn=.4 sv=.4 nb=.15 fi=.4"),
    ("e$", "nb=.15 da=.15 nn=.1 en=.1"),
    ("leik$ dom$", "nn=.4"),
    ("sjonen$ sjonar$", "nn=.3 nb=.2"),
    ("mn$ mna$", "nn=.8 sv=.8"),
    ("vn$ vne$", "nb=.5 da=.5"),
    ("gn$", "nb=.1"),
    ("ium$", "nb=.1"),
    # Endings of adjectives.
    ("lig$ lige$", "nb=.9 da=.9 sv=.5"),
    ("igt$", "da=1 sv=1"),
    ("liga$", "sv=1.3"),
    ("leg$ lege$ legare$", "nn=1.8"),
    ("ende$", "nb=.8 da=.8 nn=.3"),
    ("ande$", "nn=1 sv=1"),
    ("are$", "nn=.5 sv=.5 en=.1"),
    ("ast$", "nn=.9 sv=.1 en=.1"),
    ("est$ este$", "nb=.2 da=.2 en=.1"),
    ("isk$ iske$", "nb=.2 nn=.2 da=.2 sv=.1"),
    ("iska$", "sv=1"),
    # Endings of verbs.
    ("ede$ edes$", "da=1.2"),
    ("ade$ ades$ ats$", "sv=1.1"),
    ("erte$ erer$", "nb=.4 nn=.4 da=.2"),
    ("ert$", "nb=1 nn=.9"),
    ("eret$ erede$", "da=1.4"),
    ("erad$ erat$ erar$", "sv=1.3"),
    ("erast$ kast$", "nn=.5"),
    ("es$", "nb=.3 da=.35 en=.3"),
    ("as$", "sv=.5 en=.1"),
    ("dde$", "nb=.4 nn=.4 sv=.3"),
    # Finnish case endings.
    ("ssa$ ssä$ sta$ stä$ lla$ llä$ lta$ ltä$ lle$ ksi$ iin$ nen$ een$", "fi=1"),
    ("ien$ jen$ isen$ inen$ uus$ yys$ oita$ vat$ vät$ taan$ tään$", "fi=1"),
    # English endings.
    ("ing$", "en=.5 nb=.15 nn=.15 da=.15 sv=.15"),
    ("ly$ ity$ ness$ ment$ able$ ers$ ies$", "en=.9"),
    ("ed$", "en=.7"),
    ("ics$ yst$ ysis$ tor$ ology$", "en=.9"),
)
# Danish writes b, d, g after a vowel where Norwegian writes p, t, k.
_VOWELS = "aeiouyæøå"
_AFTER_VOWEL = (
    ("b", "da=.6"),
    ("d", "da=.3"),
    ("g", "da=.3"),
    ("p", "nb=.5 nn=.5 sv=.2"),
    ("t", "nb=.35 nn=.35 sv=.15"),
    ("k", "nb=.4 nn=.4 sv=.15"),
)
_STEM_ENDINGS = ("$", "e$", "er$", "en$", "et$", "es$", "ene$", "erne$")
_ALPHABET = {language: index for index, language in enumerate(LANGUAGES)}
_NO_VOTES = (0.0,) * len(LANGUAGES)


def _word_votes() -> dict[str, tuple[float, ...]]:
    table = resources.files(__package__).joinpath("language_words.csv")
    with table.open(encoding="utf-8") as lines:
        owners = {row["word"]: row["languages"].split() for row in DictReader(lines)}
    unknown = {one for some in owners.values() for one in some} - set(LANGUAGES)
    if unknown:
        raise ValueError(f"language_words.csv names {', '.join(sorted(unknown))}")
    return {
        word: tuple(
            _WORD_WEIGHTS[len(languages)] if language in languages else 0.0
            for language in LANGUAGES
        )
        for word, languages in owners.items()
    }


def _weights(text: str) -> tuple[float, ...]:
    pairs = dict(pair.split("=") for pair in text.split())
    return tuple(float(pairs.get(language, 0.0)) for language in LANGUAGES)


def _sequence_votes() -> dict[str, tuple[float, ...]]:
    table: dict[str, tuple[float, ...]] = {}
    stems = (
        (" ".join(v + letter + e for v in _VOWELS for e in _STEM_ENDINGS), weights)
        for letter, weights in _AFTER_VOWEL
    )
    for sequences, weights in (*_SEQUENCES, *stems):
        votes = _weights(weights)
        for sequence in sequences.split():
            held = table.get(sequence, _NO_VOTES)
            table[sequence] = tuple(map(sum, zip(held, votes, strict=True)))
    return table


_BY_WORD = _word_votes()
_BY_SEQUENCE = _sequence_votes()
_MAX_CHARACTERS = 4_000
_LONGEST_SEQUENCE = max(map(len, _BY_SEQUENCE))
_MAX_WORDS = 400
# What stands between words: Danish puts a comma before a clause and "at" before an
# infinitive; Norwegian and Swedish do not.
_BETWEEN_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r", at\b"), "da=1.5"),
    (re.compile(r", (?:der|som|hvis|når|hvor|hvad|om)\b"), "da=.5 nb=.2 nn=.1"),
    # Each begins with what is hardly there, for which a text is searched in no time.
    (
        re.compile(
            r" at\b(?:(?<=\bi at)|(?<=\b(?:om|af|på) at)|(?<=\b(?:til|ved|for|med) at)"
            r"|(?<=\buden at))"
        ),
        "da=1",
    ),
    (
        re.compile(r"at (?<=\bat )(?!de\b|disse|denne|dette|alle|ikk|noe|nog)\w+e\b"),
        "da=1.2",
    ),
    (re.compile(r"[«»]"), "nb=.3 nn=.3"),
)
_BETWEEN_VOTES = tuple((p, _weights(w)) for p, w in _BETWEEN_WORDS)
# What is likeliest before a word is read; it decides where nothing else does.
_AT_FIRST = _weights("nb=.4 en=.35 da=.25 sv=.25 nn=.15 fi=.2")
_SAYS_NOTHING = max(_AT_FIRST)
# A word written with a capital is often a name, and names cross borders.
_NAME_WEIGHT = 0.35
# Votes a word below which the text is a list of names, or in another language.
_MIN_VOTE = 0.5
_FEW_WORDS = 60


def _votes(word: str) -> tuple[float, ...]:
    """What a lower-case word says for each language."""
    known = _BY_WORD.get(word)
    if known is not None:
        return known
    edged = f"^{word}$"
    totals = list(_NO_VOTES)
    for start in range(len(edged)):
        for end in range(start + 1, min(start + _LONGEST_SEQUENCE, len(edged)) + 1):
            votes = _BY_SEQUENCE.get(edged[start:end])
            if votes is not None:
                totals = [a + b for a, b in zip(totals, votes, strict=True)]
    return tuple(totals)


# Most words of a page are words of other pages.
@lru_cache(maxsize=50_000)
def _weighed(word: str) -> tuple[float, ...]:
    """What a word as it is written says for each language."""
    lower = word.lower()
    votes = _votes(lower)
    if word == lower or lower in _BY_WORD:
        return votes
    return tuple(_NAME_WEIGHT * vote for vote in votes)


def language_of(text: str, declared: str | None = None) -> str | None:
    """ISO 639-1 code of the text's language, or None when nothing tells it.

    Args:
        text: Plain text; its first 400 words are read.
        declared: What the page's ``lang`` attribute says; it decides only when the
            text is too short to tell, or is in a language this module does not know.
    """
    words = [found.group() for found in islice(_WORD.finditer(text), _MAX_WORDS)]
    hint = _declared(declared)
    totals = [
        sum(votes, start=first)
        for first, *votes in zip(_AT_FIRST, *map(_weighed, words), strict=True)
    ]
    for pattern, votes in _BETWEEN_VOTES:
        count = min(len(pattern.findall(text[:_MAX_CHARACTERS])), 5)
        if count:
            totals = [a + count * b for a, b in zip(totals, votes, strict=True)]
    best = max(totals)
    if best <= _SAYS_NOTHING:
        return hint
    found = LANGUAGES[totals.index(best)]
    if hint is None or hint == found:
        return found
    # Short pages of labels and names say little: believe what the page declares
    # unless its words speak clearly against it.
    if best < _MIN_VOTE * len(words):
        return hint
    for_hint = totals[_ALPHABET[hint]] if hint in _ALPHABET else 0.0
    needed = 0.25 if len(words) < _FEW_WORDS else 0.8
    return hint if for_hint >= needed * best else found


def _declared(declared: str | None) -> str | None:
    code = (declared or "").strip().lower().replace("_", "-").split("-")[0]
    if code == "no":
        return "nb"
    return code if re.fullmatch(r"[a-z]{2}", code) else None
