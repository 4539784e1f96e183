"""Which language a text is in, by its commonest words and letters.

Function words decide between nb, nn, da, sv, fi and en; simplemma's detector settles
what they cannot. No model, no state: the same text always gives the same answer.
"""

import re
from functools import lru_cache

from simplemma import LanguageDetector

LANGUAGES = ("nb", "nn", "da", "sv", "fi", "en")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

# Weight 2: said in one of the languages alone. Weight 1: shared by two or three.
_ONLY: dict[str, str] = {
    "nb": """ikke jeg noen noe også være blir ble fra nå hun dere hvordan hvorfor hvem
        hvor hvis mye flere etter mellom selv gjør gjøre går får uke sammen både
        deres hennes hver hvert dette disse nye vårt våre vår ønsker jobber øker
        selskapet virksomheten kundene løsninger tjenester ledelse hele gi
        se si fordi åpner etterspørsel""",
    "nn": """ikkje eg ho dei me dykk noko nokon nokre kva kvifor korleis kven korleis
        vere vera vert blei blir ein eit ei frå no også berre meir mykje heile
        sjølv gjer gjere saman både deira kvar kvart dette desse nye vårt våre
        vår ynskjer ønskjer jobbar aukar selskapet verksemda kundane løysingar
        tenester leiing medan dersom anna eigen eige seier sidan difor fleire
        mellom gong gonger skal byrja løyse arbeidar leiar stillingar tilsette
        tilsett annan nokolunde såg vart var korkje verken hjå åt sjå gje
        fyrste første heilt lenger kring einaste sjølve likevel framleis ikkje
        byrjar arbeid komande kjem auke dykkar enno eller ikkje""",
    "da": """ikke jeg noget nogen også være bliver blev fra nu hun hvordan hvorfor
        hvem hvor hvis meget flere efter mellem selv gør går får uge sammen både
        deres hendes hver hvert dette disse nye vores af og at til mig dig sig
        kun op ud hvad eller når mange må sådan skulle havde have været blive
        nogle virksomheden kunderne løsninger ydelser ledelse hele give sige
        fordi åbner efterspørgsel dem lige andet altid selvom imod uden over""",
    "sv": """inte jag någon något några också vara blir blev från nu hon hur varför
        vem var om mycket fler efter mellan själv gör går får vecka tillsammans
        både deras hennes varje detta dessa nya vårt våra vår och att är för av
        på med till ett en den det som han vi ni har kan ska skulle hade vad
        eller när många men så ut upp bara än nej här där sedan utan över inom
        genom dig mig sig oss er företaget kunderna lösningar tjänster ledning
        hela ge säga eftersom öppnar efterfrågan arbetar söker""",
    "fi": """ja on ei se että oli ovat mutta myös hän kun joka tai niin kuin mitä
        sen ole olla jos nyt vain sekä me te he minä sinä ovat voi voivat meidän
        teidän heidän tämä tämän nämä mukaan jälkeen kanssa yhtiön yritys uusi
        uuden asiakkaat palvelut ratkaisut johtaja vuoden vuonna ennen mukana""",
    "en": """the of and to in is that for it with as was on are be this have from or
        by not but what all were we when your can there an which their if will
        each about how up out them then she many some would into has more her
        him could our you his they been than its who may after also did get
        us do does at my me any these most other new company customers
        services solutions management work working""",
}
_SHARED = {
    "nb": """og i på av til er for som med har det den de vi kan å en et men om seg
        eller skal alle var ved så fra når over at inn opp ut hos mer enn du oss han
        må vil hadde kunne skulle ville etter under mot bare godt gå ta""",
    "nn": """og i på av til er for som med har det den vi kan å men om seg eller alle
        var ved så når over at inn opp ut hos enn du oss han må vil hadde kunne
        skulle ville etter under mot ta""",
    "da": """og i på af til er for som med har det den de vi kan at en et men om sig
        eller skal alle var ved så fra når over ind op ud hos mere end du os han
        må vil ville under mod bare godt gå tage""",
    "sv": "i på av till er som med har den de men om alla var vid så in du han en ett",
    "fi": "",
    "en": "i a so no he men en over under at for as",
}


def _weights() -> dict[str, dict[str, float]]:
    """Word to language to weight: a word counts less the more languages share it."""
    owners: dict[str, set[str]] = {}
    for language in LANGUAGES:
        words = (_ONLY[language] + " " + _SHARED[language]).split()
        for word in words:
            owners.setdefault(word, set()).add(language)
    return {
        word: dict.fromkeys(languages, 2.0 / len(languages) ** 1.5)
        for word, languages in owners.items()
    }


_WEIGHTS = _weights()
_SUFFIXES: tuple[tuple[re.Pattern[str], dict[str, float]], ...] = tuple(
    (re.compile(pattern), votes)
    for pattern, votes in (
        (r"[^\W\d_]{3,}ene$", {"nb": 0.5, "da": 0.35}),
        (r"[^\W\d_]{3,}ane$", {"nn": 0.6}),
        (r"[^\W\d_]{4,}ar$", {"nn": 0.25, "sv": 0.35}),
        (r"[^\W\d_]{4,}(?:arna|erna|orna|or)$", {"sv": 0.6}),
        (r"[^\W\d_]{4,}(?:ssa|ssä|sta|stä|lla|llä|ksi|iin|nen)$", {"fi": 0.7}),
        (r"[^\W\d_]{3,}(?:tion|ing|ly|ed)$", {"en": 0.25}),
        (r"[^\W\d_]{3,}leik$|^kv|øy", {"nn": 0.6}),
        (r"^hv", {"nb": 0.4, "da": 0.4}),
        (r"[^\W\d_]{3,}(?:hed|heden|ede|edes)$", {"da": 0.6}),
        (r"[^\W\d_]{3,}(?:het|heten)$", {"nb": 0.4, "sv": 0.4}),
        (r"sjon(?:er|en)?$", {"nb": 0.6, "nn": 0.35}),
        (r"(?:ei|øy|au|jø)[^\W\d_]", {"nn": 0.15, "nb": 0.05}),
        (r"[bdg](?:er|e|en)$", {"da": 0.12}),
        (r"[ptk](?:er|e|en)$", {"nb": 0.12}),
        (r"ä|ö", {"sv": 0.5, "fi": 0.35}),
        (r"ø|æ", {"nb": 0.25, "nn": 0.25, "da": 0.25}),
        (r"å", {"nb": 0.1, "nn": 0.1, "da": 0.1, "sv": 0.1}),
        (r"yy|ää|uu|ii|öö|kk[aä]", {"fi": 0.4}),
        (r"w|th", {"en": 0.2}),
    )
)
_DETECTOR = LanguageDetector(LANGUAGES)
_FEW_WORDS = 60
# Average votes of a word below which the text is a list of names, or another language.
_MIN_VOTE = 0.12
_MAX_WORDS = 400


@lru_cache(maxsize=50_000)
def _votes(word: str) -> tuple[tuple[str, float], ...]:
    votes = dict(_WEIGHTS.get(word, {}))
    if not votes:
        for pattern, found in _SUFFIXES:
            if pattern.search(word):
                for language, weight in found.items():
                    votes[language] = votes.get(language, 0.0) + weight
    return tuple(votes.items())


def language_of(text: str, declared: str | None = None) -> str | None:
    """ISO 639-1 code of the text's language, or None when there are no words.

    Args:
        text: Plain text; its first 400 words are read.
        declared: What the page's ``lang`` attribute says; it decides only when the
            text is too short to tell, or is in a language this module does not know.
    """
    words = [word.lower() for word in _WORD.findall(text)[:_MAX_WORDS]]
    hint = _declared(declared)
    if not words:
        return hint
    totals = dict.fromkeys(LANGUAGES, 0.0)
    for word in words:
        for language, weight in _votes(word):
            totals[language] += weight
    ranked = sorted(LANGUAGES, key=lambda language: (-totals[language], language))
    best, second = totals[ranked[0]], totals[ranked[1]]
    if hint is not None:
        # Short pages of labels and names say little: believe what the page declares
        # unless its words speak clearly against it.
        needed = 0.25 if len(words) < _FEW_WORDS else 0.8
        is_weak = best / len(words) < _MIN_VOTE
        return hint if is_weak or totals.get(hint, 0.0) >= needed * best else ranked[0]
    if best / len(words) < _MIN_VOTE or best - second < 0.02 * len(words):
        return _detected(text, ranked[0])
    return ranked[0]


def _declared(declared: str | None) -> str | None:
    code = (declared or "").strip().lower().replace("_", "-").split("-")[0]
    if code == "no":
        return "nb"
    return code if re.fullmatch(r"[a-z]{2}", code) else None


def _detected(text: str, otherwise: str) -> str:
    found = _DETECTOR.main_language(text[:2000])
    return found if found in LANGUAGES else otherwise
