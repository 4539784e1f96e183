"""Names of people and organisations in running Norwegian text, bokmål and nynorsk.

By capitals, given names, the words around a name and the other places where a text
uses it; nothing is learnt. A text may be a list of sentences or one block. Names on
team pages, where layout tells who is who, are in `people` and `names`; names of
companies in announcements in `company_names`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from simplemma import is_known

from scrapers.extract.given_names import GIVEN_NAMES
from scrapers.extract.word_lists import word_list

PERSON = "PER"
ORGANISATION = "ORG"


@dataclass(frozen=True)
class NamedSpan:
    """A name where it stands in the text: `text[start:end]`."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class _Run:
    """Capitalised words that stand together, and what stands around them."""

    sentence: int
    start: int
    end: int
    words: tuple[str, ...]
    before: tuple[str, ...]
    after: str
    opens: bool


_WORD = re.compile(r"[^\W_]+(?:[-.'’&/][^\W_]+)*\.?|\S")
_PARTICLES = frozenset(word_list("van von de der del di af al el bin ibn la le du"))
_ABBREVIATED = re.compile(r"^[A-ZÆØÅ]\.?$|^(?:jr|sr|Chr|Fr|Joh|Th|Kr|St)\.$")
_ORG_END = re.compile(
    r"(?:partiet|partia|departement|departementet|direktorat|direktoratet|forbund|"
    r"forbundet|forbundets|forening|foreningen|foreininga|utvalget|utvalet|komiteen|"
    r"komité|komiteens|rådet|råd|tilsynet|tilsyn|verket|etaten|styret|tinget|"
    r"banken|bank|posten|avisen|avisa|bladet|tidende|universitet|universitetet|"
    r"høgskole|høyskole|høgskolen|høyskolen|høgskulen|høgskule|instituttet|institutt|"
    r"sykehus|sykehuset|sjukehus|sjukehuset|skole|skule|ungdomsskole|museum|museet|"
    r"selskapet|selskap|konsernet|gruppen|gruppa|stiftelsen|stiftelse|stiftinga|"
    r"organisasjonen|organisasjon|lag|laget|klubb|klubben|kommunestyre|bystyre|"
    r"fylkesting|tingrett|lagmannsrett|politidistrikt|politi|hotell|hotel|forlag|"
    r"forlaget|teater|teatret|teateret|kirkelige|menighet|kyrkjelyd|orkester|"
    r"sparebank|samvirke|energi|kraft|laks|gruppe|ombudet|ombod|senter|senteret|"
    r"fagforbund|ungdom|samband|sambandet|ministrasjonen|kammeret|fondet|alliansen|"
    r"vesenet|kassen|kontoret|redaksjonen|nettverket|fondet|banken)s?$",
    re.IGNORECASE,
)
_ORG_LAST = frozenset(
    word_list(
        "AS ASA SA BA ANS DA IL FK IF SK BK AB Inc Ltd Group Gruppen Holding "
        "Corporation "
        "Corp Company Co United City FC News Times Post Records Airlines Bank "
        "Institute "
        "University Council Committee Party Union Foundation Association Press Media "
        "TV "
        "Radio Norge Invest Eiendom Shipping Energy Entertainment Interactive Games "
        "Arms"
    )
)
_ORGS = frozenset(
    word_list(
        "Høyre Høgre Venstre Frp FrP SV Ap Sp KrF Rødt Raudt EU FN NATO Nato USA NHO "
        "LO "
        "NRK TV2 VG BT NTB SSB Nav NAV UDI PST AUF SFT KS IMF WTO WHO UNICEF OECD OPEC "
        "UEFA FIFA CIA FBI KGB BBC CNN Reuters AFP AP DnB DNB Hydro Statoil Equinor "
        "Telenor "
        "Orkla Storebrand Aker Yara Norsk Google Microsoft Apple Facebook Twitter "
        "Nokia "
        "Ericsson Ikea IKEA Toyota Volvo Stortinget Regjeringen Regjeringa Sametinget "
        "Høyesterett Høgsterett Forsvaret Kirken Kyrkja Kongressen Senatet Pentagon "
        "Riksrevisjonen Riksantikvaren Fylkesmannen Statsforvalteren Aftenposten "
        "Dagbladet "
        "Klassekampen Nationen Dagsavisen Bondevik-regjeringen Taliban Hamas Hizbollah "
        "Al-Qaida Brann Rosenborg Vålerenga Lillestrøm Liverpool Arsenal Chelsea "
        "Barcelona Mensa Attac Bellona Greenpeace Amnesty Vinmonopolet "
        "Domstoladministrasjonen "
        "Språkrådet Jernbaneverket Vegvesenet Luftfartstilsynet Kripos Økokrim Toll "
        "Demokratene Republikanerne Folkehelseinstituttet Rikshospitalet"
    )
)
_NO_ORG = frozenset(
    word_list(
        "ADHD AIDS HIV DVD CD PC TV IT IKT SMS MMS GPS OK CV DNA RNA BNP EØS ID EM VM "
        "OL "
        "NM USB HTML PDF CO2 A B C D E F G H I II III IV V VI VII VIII IX X XI XII KKK "
        "MVA FM AM PM NOK EUR USD BMI IQ"
    )
)
_PLACES = frozenset(
    word_list(
        "Norge Noreg Sverige Danmark Finland Island Tyskland Frankrike Spania Italia "
        "Hellas "
        "Portugal Polen Russland Ukraina Storbritannia England Skottland Wales Irland "
        "Nederland Belgia Sveits Østerrike Ungarn Tsjekkia Romania Bulgaria Serbia "
        "Kroatia "
        "Bosnia Kosovo Albania Tyrkia Israel Palestina Libanon Syria Irak Iran "
        "Afghanistan "
        "Pakistan India Kina Japan Korea Nord-Korea Sør-Korea Vietnam Thailand "
        "Indonesia "
        "Australia Canada Mexico Brasil Argentina Chile Cuba Egypt Libya Sudan Somalia "
        "Etiopia Kenya Nigeria Sør-Afrika Kongo Mali Rwanda Europa Asia Afrika Amerika "
        "Norden Skandinavia Midtøsten Baltikum Latvia Litauen Estland Georgia "
        "Kasakhstan "
        "Usbekistan Kirgisistan Sovjet Sovjetunionen Vesten Balkan Grønland Færøyene "
        "Gaza "
        "Oslo Bergen Trondheim Stavanger Tromsø Drammen Fredrikstad Kristiansand "
        "Sandnes "
        "Ålesund Bodø Hamar Lillehammer Gjøvik Arendal Skien Porsgrunn Larvik Tønsberg "
        "Sandefjord Moss Horten Halden Sarpsborg Haugesund Molde Kristiansund Namsos "
        "Steinkjer Narvik Harstad Alta Hammerfest Kirkenes Førde Florø Sogndal Voss "
        "Odda "
        "Notodden Rjukan Kongsberg Hønefoss Elverum Kongsvinger Vinje Tokke Dalen "
        "Seljord "
        "Bø Høyanger Årdal Lærdal Aurland Gloppen Stryn Bremanger Askvoll Gulen Solund "
        "Balestrand Vik Luster Jølster Naustdal Gaular Fjaler Hyllestad Eid Selje "
        "Vågsøy "
        "Hordaland Rogaland Telemark Vestfold Buskerud Akershus Østfold Hedmark "
        "Oppland "
        "Agder Sunnfjord Nordfjord Sunnmøre Nordmøre Romsdal Trøndelag Nordland Troms "
        "Finnmark Svalbard Vestlandet Østlandet Sørlandet Nord-Norge Hallingdal "
        "Valdres "
        "Setesdal Gudbrandsdalen Østerdalen Hardanger Sogn Fjordane Haukeli "
        "Hardangervidda "
        "London Paris Berlin Roma Madrid Moskva Stockholm København Helsinki Brussel "
        "Wien "
        "Athen Istanbul Jerusalem Kairo Bagdad Teheran Kabul Beijing Tokyo Washington "
        "Hollywood California Texas Florida Chicago Boston Manhattan Brooklyn Bali "
        "Haag "
        "Genève Zürich Milano Venezia Firenze Praha Budapest Warszawa Dublin Edinburgh "
        "Manchester Hamburg München Amsterdam Göteborg Malmö Uppsala Aarhus Jorda "
        "Månen Mars "
        "Himalaya Alpene Nordsjøen Barentshavet Atlanterhavet Middelhavet Sør-Amerika "
        "Nord-Amerika Latin-Amerika Vest-Europa Øst-Europa Grünerløkka Majorstua "
        "Grorud "
        "Holmenkollen Gardermoen Utøya Fornebu Tøyen Grønland Frogner Asker Bærum "
        "Lørenskog "
        "Ski Follo Romerike Ringerike Hadeland Toten Geilo Hemsedal Trysil Røros Oppdal"
    )
)
_PLACE_END = re.compile(
    r"(?:gata|gaten|gate|veien|vegen|plass|plassen|torget|fjorden|dalen|fjellet|vatnet|"
    r"vannet|elva|elven|øya|øyene|øyane|havet|sjøen|kanalen|land|landet|stan|fylke|"
    r"kommune|byen|bygda|skogen|neset|bukta|brua|allé|street|avenue|park|parken|"
    r"kyrkje|kirke|stadion|havn|hamn)s?$",
    re.IGNORECASE,
)
_PLACE_FIRST = frozenset(
    word_list("New San Los Las St. Santa Rio Costa Sør Nord Øvre Nedre")
)
_PLACE_BEFORE = frozenset(
    word_list("i på fra frå ved mot rundt over gjennom nær utenfor utanfor innen hos")
)
# Endings of family names that are no word's and seldom a place's.
_FAMILY_END = re.compile(
    r"(?:(?<=[a-zæøå]{2})(?:sen|sson|søn|son|quist|qvist|ström|strøm|gård|gaard|"
    r"stuen|haugen|bråten|brekke|hagen|rud|vold|moen|lien|bakken|heim|sæther|seth|eng|"
    r"nes|ov|ova|ev|eva|ovic|ović|evic|ski|sky|escu|ini|elli|mann|man|stein|berger|"
    r"meyer|feldt|nen))s?$"
)
_ROLE_BEFORE = re.compile(
    r"(?:minister|statsråd|president|leder|lederen|leiar|leiaren|sjef|sjefen|direktør|"
    r"direktøren|ordfører|ordførar|rådmann|rektor|professor|forsker|forskar|lærer|"
    r"lærar|trener|trenar|spiller|spelar|forfatter|forfattar|forfatteren|forfattaren|"
    r"redaktør|journalist|dommer|dommar|advokat|lege|doktor|dr\.?|pave|kong|kongen|"
    r"konge|dronning|prins|prinsesse|keiser|biskop|prest|sokneprest|kaptein|general|"
    r"oberst|representant|representanten|talsmann|talsmannen|talskvinne|politiker|"
    r"politikar|artist|artisten|sanger|songar|komponist|kunstner|kunstnar|regissør|"
    r"skuespiller|skodespelar|filosof|filosofen|diktator|diktatoren|ekteparet|fru|"
    r"frøken|herr|hr\.?|mr\.?|mrs\.?|onkel|tante|bror|broren|søster|kamerat|venn|"
    r"vennen|"
    r"sønnen|datteren|dottera|sonen|kona|mannen|kjæresten|kollega|poeten|diktaren|"
    r"dikteren|historiker|historikeren|historikaren|økonom|økonomen|gründer|"
    r"visepresident|"
    r"keeper|midtstopper|spiss|løper|løperen|styreleder|styreleiar|rådgiver|rådgjevar|"
    r"fotograf|sekretær|formann|nestleder|nestleiar|inspektør|fylkesmann|idrettsmann|"
    r"skribent|blogger|sjamanen|heter|heiter|hette|kalt|kalla)$",
    re.IGNORECASE,
)
_SPEAKS_AFTER = frozenset(
    word_list(
        "sier seier sa sade mener meiner mente meinte forteller fortel fortalte "
        "fortalde "
        "hevder hevdar hevdet hevda tror trur trudde trodde svarer svarar svarte spør "
        "spurte skriver skriv skrev skreiv smiler smiler smilte lo ler nikker nikka "
        "nikket "
        "ristet rista så ser såg gikk gjekk går kom kjem kommer satt sat sitter sit "
        "reiste "
        "reiser spilte spelte synes syntes synest understreker understrekar påpeker "
        "påpeikar "
        "fikk fekk visste veit vet kjente ville vil selv sjølv døde døydde ble vart "
        "vert tok "
        "snakker snakka snakket forklarer forklarar forklarte la legger fortsatte "
        "fortset "
        "kjørte køyrde ropte ropa roper sukket sukka følte følger vender vendte"
    )
)
_OPENERS = frozenset(
    word_list(
        "Han Hun Ho Det Den De Dei Du Eg Jeg Vi Me Dere Men Og Så Når Da Då Hva Kva "
        "Hvem Kven "
        "Hvor Kvar Hvis Dersom Som At Om I På Til Fra Frå Med For Av Etter Før Ved "
        "Under Over "
        "Dette Denne Disse Desse Her Der Slik Både Ikke Ikkje Ein Ei Eit En Et Alle "
        "Mange "
        "Noen Nokon Noko Noe Andre Kanskje Ja Nei Nå No Enda Endå Også Bare Berre Hans "
        "Hennes Hennar Sin Vår Min Din Mitt Hvordan Korleis Hvorfor Kvifor Mens Medan "
        "Siden "
        "Sidan Fordi Selv Sjølv Samtidig Samstundes Likevel Derfor Difor Dermed "
        "Dessuten Ut "
        "Inn Opp Ned Mer Meir Mest Flere Fleire Første Fyrste Siste Da Heller Enten "
        "Altså "
        "Innen Mot Uten Utan Gjennom Mellom Blant Hos Gud Jul Nord Sør Øst Vest Hvilke "
        "Kva "
        "Kvart Hvert Hver Kvar Alt Ingen Intet Man Én Ett To Tre Fire Fem Seks Sju "
        "Åtte Ni Ti "
        "Einar? Are Even Dag Sol Stein Tale Sten Mars Mai Juni Juli Isa Will Elles "
        "Ellers"
    )
)
# A name seen this often as a person's in a text is a person's elsewhere in it too.
_NEAR = 80


def people_and_organisations(
    sentences: Sequence[str],
) -> tuple[tuple[NamedSpan, ...], ...]:
    """Names in each of the sentences of a text, in their order.

    Args:
        sentences: Consecutive sentences or paragraphs of one text; a name told by its
            surroundings in one of them is known in those near it.
    """
    runs = [
        run
        for index, sentence in enumerate(sentences)
        for run in _runs(index, sentence)
    ]
    sure: dict[str, list[int]] = {}
    for run in runs:
        if _kind(run) == PERSON:
            for word in run.words:
                if len(word) > 2:
                    sure.setdefault(_bare(word), []).append(run.sentence)
                    sure.setdefault(word, []).append(run.sentence)
    found: list[list[NamedSpan]] = [[] for _ in sentences]
    for run in runs:
        kind = _kind(run) or _kind_elsewhere(run, sure)
        if kind is not None:
            found[run.sentence].append(NamedSpan(run.start, run.end, kind))
    return tuple(tuple(spans) for spans in found)


def _runs(index: int, sentence: str) -> Iterator[_Run]:
    tokens = list(_WORD.finditer(sentence))
    words = [token.group() for token in tokens]
    place = 0
    while place < len(words):
        if not _has_capital(words[place]):
            place += 1
            continue
        first = place
        if _is_compound(words[first]) or (
            _opens(words, first) and _is_plain_opener(words, first)
        ):
            place += 1
            continue
        last = first
        while last + 1 < len(words) and _goes_on(words, tokens, last):
            last += 1
        while last > first and not _has_capital(words[last]):
            last -= 1
        end = tokens[last].end()
        if words[last].endswith(".") and not _ABBREVIATED.match(words[last]):
            end -= 1
        yield _Run(
            sentence=index,
            start=tokens[first].start(),
            end=end,
            words=tuple(words[first : last + 1]),
            before=tuple(words[max(0, first - 3) : first]),
            after=words[last + 1] if last + 1 < len(words) else "",
            opens=_opens(words, first),
        )
        place = last + 1


def _goes_on(words: list[str], tokens: list[re.Match[str]], last: int) -> bool:
    """Whether the next word belongs to the name."""
    gap = tokens[last + 1].start() - tokens[last].end()
    if gap != 1:
        return False
    following = words[last + 1]
    if words[last].endswith(".") and not _ABBREVIATED.match(words[last]):
        return False
    if _has_capital(following):
        return not _is_compound(following)
    if following not in _PARTICLES:
        return False
    rest = (word for word in words[last + 1 : last + 4] if word not in _PARTICLES)
    return _has_capital(next(rest, "."))


def _is_compound(word: str) -> bool:
    """A common word made with a name: "NHO-direktør", "Frp-ordfører"."""
    head, dash, tail = word.rpartition("-")
    return bool(dash and head) and tail[:1].islower()


def _has_capital(word: str) -> bool:
    return word[0].isupper()


def _opens(words: list[str], place: int) -> bool:
    """Whether a capital stands where any word would have one."""
    starts = not any(word[0].isalnum() for word in islice(words, place))
    return starts or words[place - 1] in {
        ":",
        "«",
        '"',
        "–",
        "-",
        ".",
        "?",
        "!",
        "…",
    }


def _is_plain_opener(words: list[str], place: int) -> bool:
    """Whether the first word of a sentence is only that."""
    word = words[place].rstrip(".")
    if word in _OPENERS:
        follower = words[place + 1] if place + 1 < len(words) else ""
        named = follower and _has_capital(follower) and word in GIVEN_NAMES
        return not named
    if (
        place + 1 < len(words)
        and words[place + 1] in GIVEN_NAMES
        and word not in GIVEN_NAMES
        and not _ABBREVIATED.match(words[place])
        and word not in _ORGS
    ):
        # "Orgelbyggjar Henrik ...": whatever goes before a given name is what he is.
        return True
    if word in GIVEN_NAMES or _bare(word) in GIVEN_NAMES or word in _ORGS:
        return False
    return _in_a_dictionary(word)


def _kind(run: _Run) -> str | None:
    """What a name is by itself and the words beside it; None when they do not tell."""
    first, last = run.words[0], run.words[-1].rstrip(".")
    if first in _PLACE_FIRST or (first == "Jan" and last in ("Mayen", "Mayens")):
        return None
    if len(run.words) == 1:
        return _kind_of_one(run, last)
    if last in _ORG_LAST or _ORG_END.search(last) or first in _ORGS:
        return ORGANISATION
    if first in GIVEN_NAMES or first.split("-")[0] in GIVEN_NAMES:
        return PERSON
    if _ABBREVIATED.match(first) and len(last) > 2:
        return PERSON
    if _PLACE_END.search(last) or last in _PLACES or first in _PLACES:
        return None
    if run.before and _ROLE_BEFORE.search(run.before[-1]):
        return PERSON
    if all(not _in_a_dictionary(word) for word in run.words) and len(run.words) <= 3:
        return None if _after_place_word(run) else PERSON
    return None


def _kind_of_one(run: _Run, word: str) -> str | None:
    bare = _bare(word)
    if word in _NO_ORG or word in _PLACES or bare in _PLACES:
        return ORGANISATION if word in _ORGS else None
    if word in _ORGS or bare in _ORGS:
        return ORGANISATION
    if word in GIVEN_NAMES or bare in GIVEN_NAMES or word.split("-")[0] in GIVEN_NAMES:
        return PERSON
    if word.isupper() and 2 <= len(word) <= 5 and word.isalpha():
        return ORGANISATION
    if _ORG_END.search(word) and len(word) > 6:
        return ORGANISATION
    if word.endswith((".no", ".com")):
        return ORGANISATION
    if run.before and _ROLE_BEFORE.search(run.before[-1]):
        return PERSON
    if _after_place_word(run) or _PLACE_END.search(word):
        return None
    if _FAMILY_END.search(word) and not _in_a_dictionary(word):
        return PERSON
    if run.after in _SPEAKS_AFTER and not _in_a_dictionary(word):
        return PERSON
    return None


def _kind_elsewhere(run: _Run, sure: dict[str, list[int]]) -> str | None:
    """Person where the text near by has said so of the same name."""
    if run.words[0] in _PLACE_FIRST or _after_place_word(run) or len(run.words) > 1:
        return None
    for word in (run.words[-1], _bare(run.words[-1])):
        if word in _PLACES:
            return None
        seen = sure.get(word, ())
        if any(abs(run.sentence - sentence) <= _NEAR for sentence in seen):
            return PERSON
    return None


def _after_place_word(run: _Run) -> bool:
    return bool(run.before) and run.before[-1].lower() in _PLACE_BEFORE


def _bare(word: str) -> str:
    """A name without the s of a possessive."""
    word = word.rstrip(".'’")
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


@lru_cache(maxsize=50_000)
def _in_a_dictionary(word: str) -> bool:
    plain = word.lower().rstrip(".")
    return any(is_known(plain, lang=language) for language in ("nb", "nn"))
