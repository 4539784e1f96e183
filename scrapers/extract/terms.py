"""Words of a text as terms: lemmas and 2-grams, for counting over time.

Only the way from text to a list of terms belongs here; what a term is worth is the
business of the models that count them.
"""

import re
from functools import lru_cache

from simplemma import is_known, lemmatize

_TOKEN = re.compile(r"[^\W\d_]\w*|\d[\w.,-]*|[.!?;:\n()|]")
_STOPS_A_PHRASE = frozenset(".!?;:\n()|")
_MIN_LENGTH = 3
# A paragraph hardly comes again, and its terms take many times its size: pages of 5 MB
# left 85 MB each behind with them, and 16 without (2026-11-28).
_LONG_TEXT = 500
_LEMMA_LANGUAGES = frozenset({"nb", "nn", "sv", "da", "fi", "en"})
# simplemma knows few Swedish and Danish compounds; the head of one is inflected.
_COMPOUNDING = frozenset({"sv", "da", "nb", "nn"})

_STOP_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "nb": """alle allerede alt altså andre annen annet at av bare begge ble blei bli
            blir blitt bort bra bruke både da de deg dei dem den denne der dere deres
            det dette din disse ditt du dine eg ei eller en enda enn er et ett etter for
            fordi forsøke fra fram før først få får gi gir gjennom gjerne gjør gjøre
            god godt gå går ha hadde han hans har helt henne hennes her hit hos hun
            hva hvem hver hvilke hvilken hvis hvor hvordan hvorfor hvert i ifra igjen
            ikke ingen inn innen inne ja jeg kan kom komme kommer kun kunne la lage lang
            langs ligge lik like litt man mange med meg mellom men mens mer mest min
            mindre mine mitt mot mye må måte ned nei noe noen nok nå når også om omkring
            opp oss over på rundt samme samt seg selv si siden sin sine sist sitt skal
            skulle slik slike som stor store så sånn ta tar til under ut ute uten vi
            via vil ville var ved vel ver verken vår våre vårt være vært å
            hele hvilket blant enhver flere fleste flest""",
        "nn": """alle allereie alt altså andre annan anna at av berre begge blei bli
            blir bort bra bruke både da de deg dei dykk dykkar dem den denne der det
            dette din desse ditt du dine eg ei eit ein eller enn er et ett etter for
            fordi fram frå før først få får gje gjev gi gjennom gjerne gjer gjere god
            godt gå går ha hadde han hans har heilt henne her hit hjå ho hos kva kven
            kvar kvart kvifor kva korleis kor i ifrå igjen ikkje ingen inn innan inne
            ja kan kom kome kjem kjem kun kunne la lik like litt man mange med meg
            mellom men medan meir mest min mindre mine mitt mot mykje må måte ned nei
            noko nokon nokre nok no når også om omkring opp oss over på rundt same samt
            seg sjølv seie sidan sin sine sist sitt skal skulle slik slike som stor
            store så ta tek til under ut ute utan vi via vil ville var vart ved vel vår
            våre vårt vere vera vore å heile fleire dersom""",
        "sv": """alla allt alltså andra annan att av bara blev bli blir blivit både de
            dem den denna deras dess dessa det detta dig din dina ditt du där efter
            eftersom eller en er era ert ett eller från får få för genom gör göra ha
            hade han hans har hela henne hennes hon honom hur här i icke in inför inga
            ingen inget innan inom inte ja jag kan kom komma kommer kunde lika man med
            mellan men mer mest mig min mina mindre mitt mot mycket många måste ned nej
            nog nu någon något några när och också om oss på redan samma samt sedan sig
            sin sina sitt själv ska skall skulle som så sådan till under upp ut utan
            vad var vara varför varit varje vars vem vi via vid vilka vilken vilket
            vill våra vår vårt åt än är även över""",
        "da": """af alle allerede alt altså anden andet andre at bare begge blev blive
            bliver både da de dem den denne der deres det dette dig din dine dit du
            efter ej eller en end er et for fordi fra før få får gennem god godt gør
            gøre gå går ham han hans har have havde hele hende hendes her hos hun hvad
            hvem hver hvilke hvilken hvis hvor hvordan hvorfor i igen ikke ind inden
            ingen ja jeg kan kom komme kommer kun kunne lidt lige man mange med meget
            mellem men mens mere mest mig min mindre mine mit mod må når nej nogen
            noget nogle nok nu når og også om op os over på samme samt sig sin sine sit
            skal skulle som stor store så sådan til ud uden under var ved vi via vil
            ville vor vore være været""",
        "fi": """ei eivät emme en et ette että he heidän heille hän hänen häntä ilman
            itse ja jo joka joiden joista joita jokin jolla jolle jonka jos joskus jotka
            jotta kaikki kanssa keitä ketkä koska kuin kuinka kuitenkin kuka kun kuten
            lisäksi me meidän meille mikä mille millainen minkä minun minä missä mitkä
            mitä mukaan mutta myös ne niiden niin niitä noin nuo nyt näiden näin näitä
            nämä oikein ole olemme olen olet oli olivat olla on onko ovat sekä se sen
            siis siitä sille sinun sinä sitten sitä siinä tai te teidän tuo tällä tämä
            tämän tässä tätä vaan vai vaikka vain vielä voi voidaan voivat yli""",
        "en": """about above across after again against all almost also although always
            among and another any are around because been before being
            below best better between both but can cannot could did does
            doing done down during each either else enough etc even ever
            every few first for from further get gets getting give good
            got had has have having her here hers herself him himself his
            how however into its itself just keep less let like made make
            makes making many may might more most much must myself near
            need never new next non nor not now off often once one only
            onto other others our ours ourselves out over own per please
            same see she should since some still such take than that the
            their theirs them themselves then there these they this those
            through thus too two under until upon use used using very via
            want was way well were what when where whether which while who
            whom whose why will with within without would yes yet you your
            yours yourself""",
    }.items()
}


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """Lemma of a lower-case word; the word itself where the language is unknown."""
    if language not in _LEMMA_LANGUAGES:
        return word
    if not word.isascii() and any(ord(character) > 0x2AF for character in word):
        return word
    found = lemmatize(word, lang=language).lower()
    if found != word or language not in _COMPOUNDING or is_known(word, lang=language):
        return found
    # kundresan -> kund + resan -> kundresa: only the last part is inflected, and the
    # longest known one is the likeliest.
    for start in range(3, len(word) - 3):
        head = word[start:]
        if is_known(head, lang=language):
            return word[:start] + lemmatize(head, lang=language).lower()
    return word


def terms_of(text: str, language: str | None) -> tuple[str, ...]:
    """Lemmas, then 2-grams joined by ``_``, occurrences kept, in order of the text.

    Lower case; at least three characters; no stop words; no bare numbers. A 2-gram
    joins two terms that stand side by side in one phrase: a stop word, a number or a
    punctuation mark between them parts them. A hyphen does not: CRM-rådgiver is crm,
    rådgiver and crm_rådgiver.
    """
    if len(text) > _LONG_TEXT:
        return _terms.__wrapped__(text, language)
    return _terms(text, language)


# The labels of a site stand on each of its pages.
@lru_cache(maxsize=20_000)
def _terms(text: str, language: str | None) -> tuple[str, ...]:
    code = language if language in _LEMMA_LANGUAGES else None
    stop_words = _STOP_WORDS[code] if code else _STOP_WORDS["en"]
    singles: list[str] = []
    pairs: list[str] = []
    previous: str | None = None
    for token in _TOKEN.findall(text.lower()):
        term = None
        if token not in _STOPS_A_PHRASE and not token[0].isdigit():
            term = _term(token, code or "", stop_words)
        if term is not None:
            singles.append(term)
            if previous is not None:
                pairs.append(f"{previous}_{term}")
        previous = term
    return tuple(singles + pairs)


def _term(token: str, language: str, stop_words: frozenset[str]) -> str | None:
    if len(token) < _MIN_LENGTH or token in stop_words:
        return None
    term = lemma(token, language).replace("_", "")
    if len(term) < _MIN_LENGTH or term in stop_words:
        return None
    return term
