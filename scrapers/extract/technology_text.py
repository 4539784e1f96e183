"""How a running text speaks of technologies: used, merely mentioned, on its way out.

Bokmål, nynorsk, Swedish, Danish, Finnish and English at once: an advertisement may mix
them. A technology takes the sense of the nearest turn of phrase before it in its
sentence, unless what follows hedges it ("or similar", "is a plus"). Without any turn of
phrase it is mentioned. What is a technology is in the catalogue.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from scrapers.extract.html import clean
from scrapers.extract.technologies import MAX_QUOTE_WORDS, catalogue
from scrapers.records.job_ads import JobAd
from scrapers.records.technologies import Technology

USED, MENTIONED, PHASED_OUT = "used", "mentioned", "phased_out"


def _any(*parts: str) -> re.Pattern[str]:
    body = "|".join(" ".join(part.split()) for part in parts)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE)


_ADVERBS = (
    r"(?:\s(?:i dag|idag|nå|no|nu|allerede|allereie|redan|allerede|også|hovedsakelig"
    r"|blant annet|bl\.a\.|mye|primært|främst|bland annat|hovedsageligt|primært"
    r"|currently"
    r"|already|now|also|mainly|primarily|mostly|actively|daglig|dagligen|i stor grad"
    r"|for tiden|for tida|just nu|pääasiassa|tällä hetkellä|nyt|jo))*"
)
_WE = (
    r"(?:vi|me|selskapet|bedriften|verksemda|avdelingen|avdelinga|teamet|teamene"
    r"|konsernet"
    r"|företaget|bolaget|virksomheden|afdelingen|we|our (?:\w+ )?teams?|the team"
    r"|the company"
    r"|our company|our engineers|our developers|utviklerne våre|utviklarane våre"
    r"|\w+(?:teamet|avdelingen|avdelinga|afdelingen)(?: vårt| vår)?)"
)
_SYSTEM = (
    r"(?:\w*-?"
    r"(?:system(?:et|er|ene|en)?|løsning(?:en|er)?|lösning(?:en)?|løsning"
    r"|plattform(?:en|a)?"
    r"|platform(?:en)?|verktøy(?:et|ene)?|verktyg(?:en|et)?|værktøj(?:er)?|crm|erp))"
)

# Turns of phrase that stand before the technology.
_BEFORE: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        PHASED_OUT,
        _any(
            # bokmål, nynorsk
            r"byt(?:ter|te|tar|er)(?: nå| no| snart)?(?: ut| bort)?(?: fra| frå)?",
            r"fas(?:er|e|ar)(?: nå| no)? ut",
            r"utfas(?:ing|inga|ingen)(?: av)?",
            r"(?:migrer(?:er|e|es|ar)|flyttes|flytter|flyttar|overgang(?:en)?|på vei"
            r"|på veg)"
            r"(?: nå| no)?(?: bort| over| vekk)? (?:fra|frå)",
            r"(?:går|gå)(?: nå| no)?(?: bort| over| vekk) (?:fra|frå)",
            r"erstatt(?:er|e|ar|ning av|ing av)(?: vår| våre| vårt)?",
            r"avvikl(?:er|e|ar|ing av)",
            r"skift(?:er|e|ar)(?: nå)? (?:ut|fra|frå)",
            r"(?:skal|vil) (?:bort|vekk) (?:fra|frå)",
            r"(?:sier|seier|säger|siger)(?: vi| me)? (?:farvel|adjö) (?:til|till)",
            # svensk
            r"byter (?:ut|från|bort)",
            r"fasar ut",
            r"utfasning(?:en)?(?: av)?",
            r"(?:migrerar|flyttar|går|övergång(?:en)?)(?: nu)?(?: bort| över)? från",
            r"ersätter(?: vårt| våra)?",
            r"avvecklar",
            r"lämnar",
            # dansk
            r"skifter (?:nu )?(?:fra|ud)",
            r"udfas(?:er|ning(?:en)?)(?: af)?",
            r"(?:migrerer|flytter|går)(?: nu)?(?: væk| over)? fra",
            r"erstatter",
            # english
            r"(?:migrat|mov|switch|transition|shift|chang)\w*(?: our \w+)?"
            r"(?: away| over| off)? (?:from|off)",
            r"(?:moving|move) off(?: of)?",
            r"(?:get|getting) rid of|(?:say|saying) goodbye to",
            r"phas(?:e|es|ing) out",
            r"(?:replac(?:e|es|ing)|retir(?:e|es|ing)|sunset(?:s|ting)?"
            r"|decommission(?:s|ing)?)(?: our)?",
            # suomi
            r"luovu(?:mme|taan|massa)",
            r"siirrymme(?: nyt)?",
            r"korvaamme|vaihdamme",
            r"poistamme käytöstä",
        ),
    ),
    (
        MENTIONED,
        _any(
            # bokmål, nynorsk
            r"(?:erfaring|røynsle|erfaren)(?: \w+)? (?:med|fra|frå|innen|innan|i|på)",
            r"(?:kjennskap|kjenner|kjent)(?: \w+)?(?: godt)? (?:til|med)",
            r"kunnskap(?:er)?(?: \w+)? (?:om|i|innen|til|innan)",
            r"kompetanse(?: \w+)? (?:på|i|innen|innan|om)",
            r"(?:er|være) (?:god|trygg|dreven|flink) (?:på|i|med)",
            r"(?:du|gjerne) (?:har|kan|behersker)",
            r"(?:har|have) (?:jobbet|arbeidet|jobba|arbeidd|brukt|erfaring)(?: \w+)?"
            r" ?(?:med|i|mot)?",
            r"ferdigheter i",
            r"sertifiser(?:t|ing|inger)(?: \w+)? (?:i|innen|på|fra)",
            r"som for eksempel|som f\.eks\.?|for eksempel|f\.eks\.?|til dømes"
            r"|slike? som"
            r"|verktøy som|system(?:er)? som",
            r"integr(?:erer|asjon|asjoner|asjonar)(?: \w+)? (?:mot|med|til)",
            r"(?:sertifisert )?partner(?:e)? (?:med|av|for|til)",
            r"(?:forhandler|leverandør|distributør) av",
            r"(?:konsulent|rådgiver|spesialist|ekspert)(?:er)? (?:på|i|innen)",
            r"(?:rådgivning|opplæring|kurs)(?: \w+)? (?:om|i|innen|på)",
            r"(?:leverer|selger|tilbyr|utvikler løsninger for)",
            r"(?:kunder|kundene|kundar|brukere)(?: våre)? (?:som|på|med)(?: \w+)?",
            r"bruk(?:er|ar)? (?:ikke|ikkje)(?: lenger)?",
            # svensk
            r"(?:erfarenhet|vana|van)(?: \w+)? (?:av|från|med|inom|vid)(?: att)?",
            r"(?:kunskap|kunskaper|kännedom|kompetens)(?: \w+)? (?:i|om|inom|av)",
            r"(?:har|ha) (?:jobbat|arbetat|använt)(?: \w+)? ?(?:med|i)?",
            r"till exempel|t\.ex\.?|exempelvis|såsom|som till exempel|verktyg som",
            r"integr(?:erar|ation|ationer)(?: \w+)? (?:mot|med|till)",
            r"(?:partner|återförsäljare) (?:till|av|med)",
            r"(?:levererar|säljer|erbjuder)",
            r"kunder(?:na)? (?:som|på|med)(?: \w+)?",
            r"använder inte(?: längre)?",
            # dansk
            r"(?:erfaring)(?: \w+)? (?:med|fra|inden for|i)",
            r"(?:kendskab|kender)(?: \w+)? til",
            r"(?:viden|kompetencer|kompetence)(?: \w+)? (?:om|i|inden for)",
            r"(?:har|have) (?:arbejdet|brugt)(?: \w+)? ?(?:med|i)?",
            r"for eksempel|fx|f\.eks\.|såsom|værktøjer som",
            r"(?:leverer|sælger|tilbyder)",
            r"(?:forhandler|leverandør) af",
            r"kunder (?:som|der|på|med)(?: \w+)?",
            r"bruger ikke(?: længere)?",
            # english
            r"experience(?:d)?(?: \w+){0,2} (?:with|in|of|from|using)",
            r"experience|expertise(?: \w+)? (?:with|in)",
            r"(?:knowledge|understanding|command|grasp|awareness)(?: \w+)? (?:of|in"
            r"|with)",
            r"(?:familiar|familiarity|proficien(?:t|cy)|skill(?:s|ed)|comfortable"
            r"|fluent"
            r"|background|certifi(?:ed|cation)s?|competent)(?: \w+)? (?:with|in|of)",
            r"have (?:used|worked)(?: \w+)? ?(?:with|in|on)?",
            r"such as|for example|e\.g\.?|tools like|systems like|platforms like",
            r"integrat(?:es?|ions?|ing)(?: \w+)? (?:with|to|into)",
            r"(?:partner|reseller|vendor|distributor)s? (?:of|with|for)",
            r"(?:we )?(?:deliver|sell|offer)s?",
            r"(?:customers|clients|users|companies)(?: \w+)? (?:who|that|using|on|with)"
            r"(?: \w+)?",
            r"(?:do not|don't|don’t|no longer) use",
            # suomi
            r"(?:kokemus(?:ta)?|osaamis(?:ta)?|osaaminen|tuntemus(?:ta)?|taito(?:a)?"
            r"|hallitset|tunnet|osaat)",
            r"(?:esimerkiksi|esim\.|kuten)",
            r"integraatio(?:ita|t)?",
            r"asiakka(?:at|ille|iden)(?:mme)?",
            r"emme käytä|myymme|toimitamme|tarjoamme",
        ),
    ),
    (
        USED,
        _any(
            # bokmål, nynorsk
            rf"{_WE}{_ADVERBS} (?:bruker|brukar|benytter|nyttar|anvender|kjører|køyrer"
            rf"|drifter|forvalter){_ADVERBS}",
            rf"(?:som|slik at) {_WE} (?:bruker|brukar|benytter)",
            rf"{_WE}{_ADVERBS} (?:har valgt|har valt|har tatt i bruk|har teke i bruk"
            r"|har innført|har implementert|tar i bruk|tek i bruk|skal ta i bruk"
            r"|innfører|implementerer|ruller ut|skal innføre|skal implementere)"
            rf"{_ADVERBS}",
            rf"{_WE}{_ADVERBS} (?:jobber|jobbar|arbeider|arbeidar|bygger|byggjer"
            rf"|utvikler"
            rf"|utviklar|programmerer|koder){_ADVERBS} (?:i|med|på|mot)",
            r"du (?:vil|kommer til å|kjem til å|får|skal|vil få|kan)(?: \w+)?"
            r" (?:jobbe|arbeide|bruke|programmere|utvikle)(?: \w+)? ?(?:i|med|på)?",
            r"(?:her )?(?:jobber|arbeider) du(?: \w+)? (?:i|med|på)",
            r"(?:drift|drifte|forvaltning|forvalte|administrere|administrasjon"
            r"|videreutvikle|videreutvikling|vidareutvikle|vidareutvikling|vedlikehold"
            r"|vedlikeholde|superbruker|systemansvar(?:lig)?|systemeier)"
            r"(?: og \w+)?(?: av| for| i| på)?(?: vårt| vår| våre)?(?: egen| eget)?",
            r"(?:vår|våre|vårt|vores)(?: \w+)? (?:stack|teknologistack|techstack"
            r"|plattform"
            r"|platform|nettbutikk|nettside|nettsider)(?:en)?"
            r"(?: består av| er| inkluderer| kjører på| bygger på)",
            rf"{_SYSTEM} (?:vårt|vår|våre|vår|vores)(?: er| heter| består av|,"
            rf"| kjører på)?",
            rf"(?:vårt|vår|våre|vores|vår)(?: \w+)? {_SYSTEM}"
            r"(?: er| heter| består av|,| kjører på|, som er)?",
            r"(?:er|blir) (?:bygget|bygd|bygga|utviklet|utvikla|driftet|drifta"
            r"|satt opp)"
            r" (?:på|i|med)",
            r"(?:kjører|køyrer|driftes|hostes|ligger) (?:på|i)",
            r"(?:verktøyene|systemene|teknologiene|teknologier)(?: vi bruker)?"
            r"(?: er| inkluderer)",
            r"(?:stack(?:en)?|teknologistack(?:en)?|tech ?stack|verktøy|teknologi"
            r"|systemer|plattform|teknik|teknikstack)\s?:",
            r"(?:vi bruker|vi brukar|vi använder|vi bruger|we use)\s?:?",
            r"(?:bruker|benytter|brukar|nyttar|anvender|jobber|har) (?:vi|me)"
            r"(?: valgt| tatt i bruk)?(?: i| med)?",
            r"(?:brukes|benyttes|anvendes|nyttast|skjer|gjøres|foregår)(?: i)?",
            r"verktøyene dine (?:er|blir)|kjører du(?: \w+)? i",
            r"(?:føres|behandles|håndteres|lagres|samles|dokumenteres|følges opp"
            r"|publiseres)"
            r" i",
            r"(?:vi|me) (?:samler|lagrer|fører|planlegger|dokumenterer"
            r"|samlar)(?: \w+){0,3} i",
            r"(?:søknad|søknader|søknaden|ansökan|ansøgning(?:en)?)(?: \w+){0,6}"
            r" (?:via|gjennom|genom|gennem)",
            r"(?:er|är|blir) (?:levert|leveret|levererat) (?:av|af|fra)",
            # svensk
            r"(?:använder|kör|jobbar|arbetar) vi(?: i| med)?",
            r"(?:används|sker|görs)(?: i)?",
            r"vi (?:samlar|lagrar|planerar|dokumenterar)(?: \w+){0,3} i",
            rf"{_WE}{_ADVERBS} (?:använder|kör|nyttjar"
            rf"|förvaltar)(?: oss av)?{_ADVERBS}",
            rf"{_WE}{_ADVERBS} (?:har valt|har infört|inför|implementerar|har gått över"
            rf" till|ska införa|rullar ut){_ADVERBS}",
            rf"{_WE}{_ADVERBS} (?:jobbar|arbetar|bygger|utvecklar){_ADVERBS} (?:i|med"
            rf"|på|mot)",
            r"du (?:kommer(?: att)?|får|ska)(?: \w+)? (?:jobba|arbeta|använda|utveckla)"
            r"(?: \w+)? ?(?:i|med|på)?",
            r"(?:vår|vårt|våra)(?: \w+)? (?:techstack|teknikstack|stack|plattform"
            r"|e-handel|webbplats)(?: består av| är| bygger på| körs på)",
            rf"(?:vårt|vår|våra)(?: \w+)? {_SYSTEM}(?: är| heter|,)?",
            r"(?:är byggd|är byggt|byggda|byggd|körs|driftas) (?:på|i|med)",
            r"(?:förvalta|administrera|vidareutveckla|förvaltning av|drift av)",
            # dansk
            r"(?:bruger|anvender|benytter|arbejder) vi(?: i| med)?",
            r"(?:bruges|sker|foregår)(?: i)?",
            r"vi (?:samler|gemmer|planlægger|dokumenterer)(?: \w+){0,3} i",
            rf"{_WE}{_ADVERBS} (?:bruger|anvender|benytter|drifter){_ADVERBS}",
            rf"{_WE}{_ADVERBS} (?:har valgt|har implementeret|har indført|implementerer"
            rf"|indfører|tager .{{0,20}}i brug){_ADVERBS}",
            rf"{_WE}{_ADVERBS} (?:arbejder|bygger|udvikler){_ADVERBS} (?:i|med|på)",
            r"du (?:kommer til at|vil|får|skal)(?: \w+)? (?:arbejde|bruge|udvikle)"
            r"(?: \w+)? ?(?:i|med|på)?",
            r"(?:er bygget|bygger|kører|hostes) (?:på|i|op omkring)",
            # english
            rf"{_WE}{_ADVERBS} (?:use|uses|run|runs|rely on|relies on|leverage"
            rf"|leverages"
            r"|operate|operates|have chosen|chose|have implemented|have adopted|adopted"
            r"|are (?:now )?(?:using|adopting|implementing|rolling out|introducing)"
            r"|implement|deploy)(?: on)?",
            rf"{_WE}{_ADVERBS} (?:work|works|build|builds|develop|are built|write|code)"
            rf"(?: everything| all of it)?{_ADVERBS} (?:in|with|on)",
            r"you(?:['’]ll| will| get to)(?: be)?(?: \w+)? (?:work|working|use|using"
            r"|build"
            r"|building|code|coding)(?: \w+)? ?(?:with|in|on)?",
            r"(?:own|owner of|administer|administering|maintain|maintaining|configure"
            r"|responsible for"
            r"|administration of|operation of|day-to-day running of)(?: our| the)",
            r"our(?: \w+){0,2} (?:stack|platform|website|store|infrastructure|system"
            r"|crm"
            r"|erp|systems|tools|services|data warehouse)"
            r"(?: is| are| includes?| consists? of|,| runs? on)?(?: built (?:on|with"
            r"|in))?",
            r"(?:is|are) (?:built|hosted|running) (?:on|with|in)",
            r"(?:powered by|hosted on|runs on|run on)",
            r"(?:is|are) (?:done|handled|managed|tracked|documented|stored)"
            r" (?:in|by|with|on)",
            r"(?:as )?we (?:roll|are rolling) out",
            r"your (?:\w+ )?tools (?:will be|are|include)",
            # suomi
            r"(?:käytämme|hyödynnämme|työskentelemme|otamme käyttöön|olemme valinneet"
            r"|olemme ottaneet käyttöön|kehitämme|ylläpidämme)(?: muun muassa| mm\.)?",
            r"(?:käytössämme|käytössä|järjestelmämme|alustamme|työkalumme"
            r"|teknologiapinomme)(?: on| ovat| toimii)?",
            r"(?:pääset|tulet|saat) (?:\w+ )?(?:työskentelemään|käyttämään"
            r"|kehittämään)",
            r"(?:on rakennettu|pyörii|toimii)",
            r"\w+mme (?:on|ovat|sijaitsee)",
        ),
    ),
)
# What follows the technology and says that it is wished for, not used.
_HEDGE = _any(
    r"eller (?:tilsvarende|tilsvarande|lignende|liknende|liknande|motsvarande|andre"
    r"|et annet|annet|annan)",
    r"(?:er|vil være|vere|blir|bli) (?:\w+ )?(?:en|eit|et|ein) (?:stor |stort |klar )?"
    r"(?:fordel|pluss|styrke|forutsetning|føremon)",
    r"er (?:en |et )?(?:ønskelig|ønskeleg|krav|fordel|pluss|plus|meriterende|relevant)",
    r"(?:er|är) (?:ett |en )?(?:plus|fördel|krav|meriterande|önskvärt)",
    r"(?:ses|sees|regnes|räknas|anses|vurderes)(?: \w+)? (?:som|positivt)",
    r"or (?:similar|equivalent|comparable|another|other)",
    r"(?:is|are|would be)(?: also)?(?: considered)? (?:a |an )?(?:\w+ )?(?:plus"
    r"|advantage"
    r"|bonus|merit|preferred|required|desirable|desired|nice to have|beneficial|asset"
    r"|must|preferable)",
    r"(?:nice to have|preferred)",
    r"tai (?:vastaav\w*|muu\w*|jokin \w+)",
    r"(?:on|katsotaan|luetaan|lasketaan)(?: \w+)? (?:eduksi|plussa\w*|etu\w*|hyödyksi)",
    r"hos (?:våre |vores |våra )?kunde\w*|for (?:våre )?kunder|till våra kunder"
    r"|for (?:our )?(?:clients|customers)|at (?:our )?(?:clients|customers)"
    r"|asiakkaille(?:mme)?",
)
# "Erfaring med X, som vi bruker": the aside holds whatever went before.
_OWN_AFTER = _any(
    r"som (?:er|blir) (?:vårt|vår|våre|vores)|som är (?:vårt|vår|våra)|which is our",
    r"som (?:er )?(?:\w+ ){0,2}vi (?:bruker|bruger|brukar|använder|nyttar)",
    r"which we use|that we use",
)
_USED_AFTER = _any(
    r"(?:er|blir) (?:vårt|vår|våre|vores) \w+|er systemet vi bruker",
    r"(?:brukes|brukas|nyttast|benyttes|anvendes|bruges|används)(?: \w+)? ?(?:hos oss"
    r"|i dag|daglig|av oss|internt|dagligen|idag|dagligt|som \w+)",
    r"(?:on|ovat)(?: \w+)? käytössä(?:mme)?|järjestelmänämme",
    r"(?:is|are) (?:our|the) (?:\w+ ){0,2}(?:crm|erp|system|platform|tool|systems"
    r"|tools)"
    r"(?: we use)?",
    r"(?:is|are) used (?:daily|internally|across|by us|throughout)",
    r"är (?:vårt|vår|våra) \w+",
)
_PHASED_OUT_AFTER = _any(
    r"(?:(?:som|og|which|og som|som nå|der) )?(?:skal|blir|vil bli|skal nå|ska"
    r"|kommer att"
    r"|bliver|is being|are being|is|will be|to be|er i ferd med å bli|håller på att)"
    r" (?:nå |gradvis |nu |now |gradually )?(?:fas(?:es|ast)? ut|fases ut|faset ut"
    r"|fasas ut|fasas|udfases|udfaset|erstatte(?:s|t)?|erstattes|ersättas|avvikle(?:s"
    r"|t)"
    r"|avvecklas|byttes ut|bytas ut|skiftes ut|skiftet ut|phased out|replaced|retired"
    r"|decommissioned|sunset)",
    r"(?:fases|udfases|fasas|byttes|avvikles|erstattes)(?: nå| nu)?(?: ut)?",
    r"poistuu käytöstä|korvataan",
    r"(?:will be|is being|are being) (?:switched off|shut down|turned off)",
    r"(?:legges|leggast|slås|skrus|stängs|lukkes) (?:ned|ner|av)",
)
# "bytter fra X til Y": what comes in. A sentence of ours seldom says more between.
_TO = re.compile(
    r"(?<!\w)(?:til|till|to|over til|över till|med|with|by|mot|towards|in favou?r of"
    r"|til fordel for)(?!\w)",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^(?:(?:vår|our|the|din|your) )?(?:tech(?:nology|nical)? ?stack(?:en)?"
    r"|stack(?:en)?"
    r"|teknologi(?:stack(?:en)?|ene?)?|teknologier(?: vi bruker)?|verktøy(?:ene)?"
    r"|systemer(?: vi bruker)?|teknik(?:stack)?|(?:tools|technologies|systems) we use"
    r"|verktyg(?: vi använder)?|teknologiapino|teknologiat)\s*:?$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\s*[•·]\s*|\n+")
# A full stop after these ends no sentence.
_ABBREVIATION = re.compile(
    r"(?<!\w)(?:f\.eks|t\.ex|bl\.a|e\.g|i\.e|esim|mm|m\.m|ca|inkl|evt)\.$",
    re.IGNORECASE,
)
_ATOM = re.compile(r"[^\W_]+")
_JOINS = re.compile(r"[ \u00a0./\-’'&]{1,2}")
# Inflections after a name: genitive, definite form, the common Finnish cases.
_ENDINGS = (
    "issa issä ista istä iin een lla llä lle ssa ssä sta stä tta ttä hin han hän"
    " ia iä ta tä en et in s n a ä"
).split()
_MIN_INFLECTED = 4
_MAX_DISTANCE = 160
_MAX_GOVERNED = 40
_CLAUSE = re.compile(r"[,;:]|\s(?:men|but|mutta|og du|and you|och du)\s", re.IGNORECASE)
_SUBJECT = re.compile(
    r"(?:vi|me|we|du|you|our|vår|vårt|våre|våra|vores|selskapet|teamet|the)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+", re.IGNORECASE)
_MAX_LISTED_WORDS = 12


@dataclass(frozen=True)
class _Form:
    """One way to write a technology: its parts, and its text when case matters."""

    atoms: tuple[str, ...]
    exact: str | None
    name: str
    category: str


@dataclass(frozen=True)
class Mention:
    """A technology in a sentence: how the sentence speaks of it."""

    name: str
    category: str
    sense: str
    sentence: str


@cache
def _forms() -> dict[str, tuple[_Form, ...]]:
    """Word forms by their first part, the longest first."""
    by_first: dict[str, list[_Form]] = {}
    for entry in catalogue():
        for text, is_exact in (
            *((word, False) for word in entry.words),
            *((word, True) for word in entry.exact),
        ):
            atoms = tuple(_ATOM.findall(text.lower()))
            form = _Form(atoms, text if is_exact else None, entry.name, entry.category)
            by_first.setdefault(atoms[0], []).append(form)
    return {
        first: tuple(sorted(forms, key=lambda form: -len(form.atoms)))
        for first, forms in by_first.items()
    }


def mentions(text: str) -> Iterator[Mention]:
    """Every technology of a text, sentence by sentence."""
    text = _ADDRESS.sub(" ", text)
    # Most texts name nothing, and their different words tell that.
    words = {word.lower() for word in set(_ATOM.findall(text))}
    if not any(map(_forms_beginning, words)):
        return
    sense_of_list: str | None = None
    for sentence in _sentences(text):
        if _HEADING.match(sentence):
            sense_of_list = USED
            continue
        if len(sentence.split()) > _MAX_LISTED_WORDS or sentence.endswith(":"):
            sense_of_list = None
        found = _found(sentence)
        if not found:
            if len(sentence.split()) <= 3 and sense_of_list is None:
                continue
            sense_of_list = None
            continue
        triggers = _triggers(sentence)
        previous_end = 0
        for start, end, form in found:
            sense = _sense(sentence, triggers, start, end, previous_end)
            yield Mention(
                form.name, form.category, sense or sense_of_list or MENTIONED, sentence
            )
            previous_end = end


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    for line in text.split("\n"):
        parts: list[str] = []
        for part in _SENTENCE_END.split(line):
            if parts and _ABBREVIATION.search(parts[-1]):
                parts[-1] = f"{parts[-1]} {part}"
            else:
                parts.append(part)
        sentences.extend(shown for part in parts if (shown := clean(part)))
    return sentences


def _found(sentence: str) -> list[tuple[int, int, _Form]]:
    """Technologies of a sentence with their places, the longest form at each place."""
    words = [atom.lower() for atom in _ATOM.findall(sentence)]
    if not any(map(_forms_beginning, words)):
        return []
    atoms = list(_ATOM.finditer(sentence))
    found = []
    number = 0
    while number < len(atoms):
        form = _form_at(sentence, atoms, words, number)
        if form is None:
            number += 1
            continue
        last = number + len(form.atoms) - 1
        found.append((atoms[number].start(), atoms[last].end(), form))
        number = last + 1
    return found


def _form_at(
    sentence: str, atoms: Sequence[re.Match[str]], words: Sequence[str], number: int
) -> _Form | None:
    for form in _forms_beginning(words[number]):
        last = number + len(form.atoms) - 1
        if last >= len(words) or form.atoms[-1] not in _stems(words[last]):
            continue
        if any(words[number + n] != atom for n, atom in enumerate(form.atoms[:-1])):
            continue
        if not all(
            _JOINS.fullmatch(sentence[one.end() : two.start()])
            for one, two in zip(
                atoms[number:last], atoms[number + 1 : last + 1], strict=True
            )
        ):
            continue
        shown = sentence[atoms[number].start() : atoms[last].end()]
        if form.exact is None or shown.startswith(form.exact):
            return form
    return None


# Most words of a text begin nothing, and they are the same words again and again.
@lru_cache(maxsize=50_000)
def _forms_beginning(word: str) -> tuple[_Form, ...]:
    """Forms whose first part a word is, inflected when it is the only part."""
    return tuple(
        form
        for stem in _stems(word)
        for form in _forms().get(stem, ())
        if stem == word or len(form.atoms) == 1
    )


@lru_cache(maxsize=50_000)
def _stems(word: str) -> tuple[str, ...]:
    return (
        word,
        *(
            word[: -len(ending)]
            for ending in _ENDINGS
            if word.endswith(ending) and len(word) - len(ending) >= _MIN_INFLECTED
        ),
    )


def _triggers(sentence: str) -> list[tuple[int, int, str]]:
    """Turns of phrase with their places; of two that overlap the longer holds."""
    found = [
        (match.start(), match.end(), sense)
        for sense, pattern in _BEFORE
        for match in pattern.finditer(sentence)
    ]
    found.sort(key=lambda item: (item[0] - item[1], item[0]))
    kept: list[tuple[int, int, str]] = []
    for start, end, sense in found:
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end, sense))
    return sorted(kept)


def _sense(
    sentence: str,
    triggers: Sequence[tuple[int, int, str]],
    start: int,
    end: int,
    previous_end: int,
) -> str | None:
    """How the sentence speaks of what stands from start to end."""
    following = next((item[0] for item in triggers if item[0] >= end), len(sentence))
    tail = sentence[end:following]
    if _PHASED_OUT_AFTER.search(sentence[end : end + 60]):
        return PHASED_OUT
    before = [item for item in triggers if item[1] <= start]
    after = sentence[end:].lstrip(" ,")
    if _OWN_AFTER.match(after):
        return USED
    near = before[-1] if before and start - before[-1][1] <= _MAX_DISTANCE else None
    if near is None:
        return USED if _USED_AFTER.match(after) else None
    _, trigger_end, sense = near
    if _is_governed(sentence, before):
        return MENTIONED
    if sense == PHASED_OUT:
        between = sentence[max(trigger_end, previous_end) : start]
        return USED if _TO.search(between) else PHASED_OUT
    if sense == USED and _HEDGE.search(tail):
        return MENTIONED
    return sense


def _is_governed(sentence: str, before: Sequence[tuple[int, int, str]]) -> bool:
    """True when a mention governs the nearest turn: "erfaring med drift av X"."""
    if len(before) < 2 or before[-2][2] != MENTIONED or before[-1][2] == MENTIONED:
        return False
    gap = sentence[before[-2][1] : before[-1][0]]
    turn = sentence[before[-1][0] : before[-1][1]]
    return (
        len(gap) <= _MAX_GOVERNED
        and not _CLAUSE.search(gap)
        and not _SUBJECT.match(turn)
    )


def text_technologies(
    text: str, evidence: str, ad_id: str | None = None
) -> tuple[Technology, ...]:
    """Technologies of a text, each once: used in one place is used."""
    best: dict[str, list[Mention]] = {}
    for mention in mentions(text):
        best.setdefault(mention.name, []).append(mention)
    return tuple(_technology(said, evidence, ad_id) for said in best.values())


def _technology(
    said: Sequence[Mention], evidence: str, ad_id: str | None
) -> Technology:
    # What is being left is still there; it tells the most, so it is quoted.
    rank = {PHASED_OUT: 0, USED: 1, MENTIONED: 2}
    telling = min(said, key=lambda mention: rank[mention.sense])
    return Technology(
        name=telling.name,
        category=telling.category,
        evidence=evidence,
        is_used=telling.sense != MENTIONED,
        is_phased_out=telling.sense == PHASED_OUT,
        quote=" ".join(telling.sentence.split()[:MAX_QUOTE_WORDS]),
        ad_id=ad_id,
    )


def ad_technologies(ads: Iterable[JobAd]) -> Iterator[Technology]:
    """Technologies that the texts of advertisements name, whatever the source."""
    for ad in ads:
        if ad.description:
            yield from text_technologies(ad.description, "job_text", ad.ad_id)
