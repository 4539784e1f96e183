"""Sentences from a mixture of market words and theme words (SCIENCE 5.2).

A share rho of the words that carry meaning comes from the watched theme, the rest from
the vocabulary of the market and the themes of other sectors. What rho is on a given day
does not belong here (story.py).
"""

import random
from functools import lru_cache

from practice_market.draws import stream
from practice_market.words import words

# 75 % of the theme's words are in the product's taxonomy, 25 % are not: what a
# taxonomy misses has to be found by the text itself.
THEME = {
    "nb": (
        "crm kundereise kundedata salgsprosess salgsstøtte kundeinnsikt "
        "markedsautomatisering kundeoppfølging leadhåndtering salgsprognose "
        "salgsverktøy kundeplattform datakvalitet kundelojalitet salgsledelse",
        "relasjonssystem kundebase innsalg mersalg oppfølgingsrutine",
    ),
    "nn": (
        "crm kundereise kundedata salsprosess salsstøtte kundeinnsikt "
        "marknadsautomatisering kundeoppfølging salsprognose salsverktøy "
        "kundeplattform datakvalitet kundelojalitet salsleiing",
        "relasjonssystem kundebase innsal meirsal",
    ),
    "sv": (
        "crm kundresa kunddata säljprocess säljstöd kundinsikt säljprognos "
        "säljverktyg kundplattform datakvalitet kundlojalitet säljledning",
        "relationssystem kundbas merförsäljning",
    ),
    "en": (
        "crm customer_journey customer_data sales_process sales_enablement "
        "customer_insight marketing_automation lead_management sales_forecasting "
        "sales_tool sales_pipeline customer_platform data_quality customer_loyalty "
        "account_planning",
        "relationship_system upsell cross-sell win_rate territory_model",
    ),
}
_IN_TAXONOMY = 0.75

_HEADS = {
    "nb": words(
        """drift lager transport bygg energi maskin verksted laboratorie
        kvalitets miljø klima havne sjø land skog fiske marked produksjons
        service vedlikeholds prosjekt anleggs industri system nett data brann
        vann luft avfalls areal eiendoms ressurs risiko beredskaps opplærings
        fag kompetanse leverandør distribusjons emballasje rute flåte terminal
        region samarbeids forsknings utviklings analyse måle kontroll styrings
        rapporterings budsjett investerings forsikrings helse arbeidsmiljø
        sikkerhets vakt renholds mat råvare"""
    ),
    "nn": words(
        """drift lager transport bygg energi maskin verkstad kvalitets miljø
        klima hamne sjø skog fiske marknads produksjons service vedlikehalds
        prosjekt anleggs industri system nett data brann vatn avfalls eigedoms
        ressurs risiko beredskaps opplærings fag kompetanse leverandør
        distribusjons rute region samarbeids forskings utviklings analyse måle
        kontroll styrings"""
    ),
    "sv": words(
        """drift lager transport bygg energi maskin verkstad kvalitets miljö
        klimat hamn sjö skog fiske produktions service underhålls projekt
        anläggnings industri system nät data brand vatten avfalls fastighets
        resurs risk beredskaps utbildnings kompetens leverantörs distributions
        rutt region samarbets"""
    ),
    "en": words(
        """delivery warehouse transport building energy machine workshop
        laboratory quality harbour coastal forestry fishing production service
        maintenance project site industry network fire water waste property
        resource risk contingency training competence supplier distribution
        packaging route fleet terminal regional research development
        measurement control reporting budget investment insurance health
        workplace safety cleaning food raw-material"""
    ),
}
_TAILS = {
    "nb": words(
        """arbeid avtale behov modell plan rutine krav løsning område miljø
        gruppe team enhet prosess program tiltak leveranse kapasitet standard
        metode struktur strategi grunnlag innsats utstyr senter kjede linje
        base oppgave ansvar mål verdi kostnad effekt utvikling forbedring
        oversikt rapport vurdering oppfølging dialog erfaring kunnskap
        tjeneste partner nettverk anlegg volum sesong forvaltning teknologi"""
    ),
    "nn": words(
        """arbeid avtale behov modell plan rutine krav løysing område miljø
        gruppe lag eining prosess program tiltak leveranse kapasitet standard
        metode struktur strategi grunnlag innsats utstyr senter kjede linje
        oppgåve ansvar mål verdi kostnad effekt utvikling forbetring oversikt
        rapport vurdering dialog erfaring kunnskap teneste partnar nettverk
        anlegg"""
    ),
    "sv": words(
        """arbete avtal behov modell plan rutin krav lösning område miljö grupp
        team enhet process program åtgärd leverans kapacitet standard metod
        struktur strategi underlag insats utrustning center kedja linje
        uppgift ansvar mål värde kostnad effekt utveckling förbättring
        översikt rapport bedömning"""
    ),
    "en": words(
        """work agreement need model plan routine requirement solution area group
        team unit process programme measure capacity standard method structure
        strategy basis effort equipment centre chain line task responsibility
        goal value cost effect improvement overview report assessment dialogue
        experience knowledge partner facility volume season technology"""
    ),
}
_ADJECTIVES = {
    "nb": words(
        """god ny trygg effektiv robust lokal felles tydelig langsiktig
        bærekraftig fleksibel solid moderne åpen enkel viktig sterk variert
        ryddig grundig"""
    ),
    "nn": words(
        """god ny trygg effektiv robust lokal felles tydeleg langsiktig
        berekraftig fleksibel solid moderne open enkel viktig sterk variert
        ryddig grundig"""
    ),
    "sv": words(
        """god ny trygg effektiv robust lokal gemensam tydlig långsiktig hållbar
        flexibel solid modern öppen enkel viktig stark varierad noggrann"""
    ),
    "en": words(
        """good new safe efficient robust local shared clear long-term
        sustainable flexible solid modern open simple important strong varied
        tidy thorough"""
    ),
}
_SENTENCES = {
    "nb": (
        "Vi arbeider hver dag med {n} og {n} for kunder i hele landet.",
        "{N} er en {a} del av det vi gjør, sammen med {n} og {n}.",
        "De siste månedene har vi lagt mer vekt på {n} og {n}.",
        "Våre ansatte har lang erfaring med {n}, og vi lærer stadig mer om {n}.",
        "For oss handler {n} om {n} og en {a} hverdag for alle som er involvert.",
        "Målet er at {n} skal henge tett sammen med {n} gjennom hele året.",
        "Vi har bygget opp {n} slik at {n} blir mer {a} for dem som bruker den.",
        "Gjennom {n} får kundene våre bedre {n} og færre avbrudd.",
        "Vi ser at {n} krever {n}, og vi tar dette på alvor.",
        "I fjor gikk vi gjennom {n} og {n} i samtlige avdelinger.",
        "En {a} {n} gir oss rom for å satse på {n}.",
        "Sammen med våre partnere utvikler vi {n} og {n} videre.",
    ),
    "nn": (
        "Vi arbeider kvar dag med {n} og {n} for kundar i heile landet.",
        "{N} er ein {a} del av det vi gjer, saman med {n} og {n}.",
        "Dei siste månadene har vi lagt meir vekt på {n} og {n}.",
        "Dei tilsette våre har lang røynsle med {n}, og vi lærer stadig meir om {n}.",
        "For oss handlar {n} om {n} og ein {a} kvardag for alle som er med.",
        "Målet er at {n} skal henge tett saman med {n} gjennom heile året.",
        "Gjennom {n} får kundane våre betre {n} og færre avbrot.",
        "Vi ser at {n} krev {n}, og vi tek dette på alvor.",
        "I fjor gjekk vi gjennom {n} og {n} i alle avdelingane.",
    ),
    "sv": (
        "Vi arbetar varje dag med {n} och {n} för kunder i hela landet.",
        "{N} är en {a} del av det vi gör, tillsammans med {n} och {n}.",
        "De senaste månaderna har vi lagt större vikt vid {n} och {n}.",
        "Våra medarbetare har lång erfarenhet av {n}, och vi lär oss mer om {n}.",
        "För oss handlar {n} om {n} och en {a} vardag för alla inblandade.",
        "Målet är att {n} ska hänga ihop med {n} under hela året.",
        "Genom {n} får våra kunder bättre {n} och färre avbrott.",
        "Vi ser att {n} kräver {n}, och det tar vi på allvar.",
    ),
    "en": (
        "Every day we work on {n} and {n} for customers across the country.",
        "{N} is a {a} part of what we do, together with {n} and {n}.",
        "Over the last months we have put more weight on {n} and {n}.",
        "Our people have long experience of {n}, and we keep learning about {n}.",
        "To us {n} is about {n} and a {a} working day for everyone involved.",
        "The aim is that {n} and {n} follow each other through the whole year.",
        "We have built up {n} so that {n} becomes more {a} for those who use it.",
        "Through {n} our customers get better {n} and fewer interruptions.",
        "We see that {n} calls for {n}, and we take that seriously.",
        "Last year we went through {n} and {n} in every department.",
        "A {a} {n} gives us room to invest in {n}.",
        "Together with our partners we keep developing {n} and {n}.",
    ),
}
# Words a sentence has for each place that is filled: rho is a share of all words.
_WORDS_PER_PLACE = 5.0


@lru_cache(maxsize=4)
def vocabulary(language: str) -> tuple[str, ...]:
    """The market's words of a language, in an order that is drawn once."""
    joint = " " if language == "en" else ""
    joined = [h + joint + t for h in _HEADS[language] for t in _TAILS[language]]
    stream("vocabulary", language).shuffle(joined)
    return tuple(joined)


class Voice:
    """How one company writes: its language, its usual words, its favourite terms."""

    def __init__(self, language: str, *name: object) -> None:
        rng = stream("voice", *name)
        self.language = language
        usual = vocabulary(language)
        # Zipf over a few hundred words of its own, so that words come back.
        self._words = rng.sample(usual, min(400, len(usual)))
        self._cumulative: list[float] = []
        total = 0.0
        for rank in range(len(self._words)):
            total += 1.0 / (rank + 8.0)
            self._cumulative.append(total)
        listed, unlisted = (group.split() for group in THEME[language])
        self._listed = rng.sample(listed, min(7, len(listed)))
        self._unlisted = rng.sample(unlisted, 2)

    def theme_term(self, rng: random.Random) -> str:
        """One of the few terms that this company uses when it talks of the theme."""
        group = self._listed if rng.random() < _IN_TAXONOMY else self._unlisted
        return rng.choice(group).replace("_", " ")

    def _noun(self, rng: random.Random, rho: float) -> str:
        if rng.random() < rho * _WORDS_PER_PLACE:
            return self.theme_term(rng)
        return rng.choices(self._words, cum_weights=self._cumulative)[0]

    def noun(self, rng: random.Random) -> str:
        """A usual word of the company."""
        return self._noun(rng, 0.0)

    def sentence(self, rng: random.Random, rho: float) -> str:
        """One sentence with an expected share rho of theme words."""
        text = rng.choice(_SENTENCES[self.language])
        if "{N}" in text:
            text = text.replace("{N}", self._noun(rng, rho).capitalize(), 1)
        while "{n}" in text:
            text = text.replace("{n}", self._noun(rng, rho), 1)
        return text.replace("{a}", rng.choice(_ADJECTIVES[self.language]))

    def paragraph(self, rng: random.Random, rho: float, sentences: int) -> str:
        """Sentences of about eleven words each."""
        return " ".join(self.sentence(rng, rho) for _ in range(sentences))
