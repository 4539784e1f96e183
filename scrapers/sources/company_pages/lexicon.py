"""Words that tell what a page of a company is, in its path or in the label of a link.

Bokmål, nynorsk, Swedish, Danish, Finnish and English. Data only; who looks for what is
in `spider.py`.
"""

# First match wins, so the narrower scope stands first.
PATHS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "leadership",
        frozenset(
            """
            ledelse ledelsen ledergruppe ledergruppen konsernledelse konsernledelsen
            toppledelse leiing leiinga leiargruppe leiargruppa styret styre
            styre-og-ledelse ledning ledningen ledningsgrupp ledningsgruppen
            foretagsledning koncernledning styrelse styrelsen ledelse-og-bestyrelse
            direktion bestyrelse bestyrelsen johtoryhma johto hallitus johtajat
            leadership management management-team leadership-team executive-team
            executives board board-of-directors our-leadership our-management
            organisasjon organisasjonskart organisation organisationen organization
            org-chart team teamet our-team the-team meet-the-team people our-people
            who-we-are-people ansatte tilsette folk folka folkene vare-folk
            medarbeidere medarbeidarar medarbejdere medarbetare personal henkilosto
            ihmiset tiimi staff crew mennesker menneskene var-team vart-team
            teamet-vart hvem-er-vi kontaktpersoner
            """.split()
        ),
    ),
    (
        "careers",
        frozenset(
            """
            karriere karriar karriarar karriere-hos-oss jobb jobb-hos-oss
            jobbe-hos-oss ledige-stillinger ledige-stillingar stillinger stillingar
            ledig-stilling ledige-jobb bli-en-av-oss bli-ein-av-oss arbeid-hos-oss
            jobba-hos-oss lediga-jobb lediga-tjanster job jobs
            ledige-stillinger-og-karriere job-hos-os karrierer avoimet-tyopaikat
            tyopaikat rekry ura toihin-meille careers career join-us join work-with-us
            vacancies open-positions positions openings were-hiring hiring work-for-us
            """.split()
        ),
    ),
    (
        "about",
        frozenset(
            """
            om-oss om om-selskapet om-bedriften om-firmaet om-konsernet hvem-er-vi
            kven-er-vi kven-vi-er om-foretaget om-bolaget om-os om-virksomheden meista
            meistae yritys tietoa-meista about about-us company the-company who-we-are
            our-story our-company kontakt kontakt-oss kontakta-oss yhteystiedot
            contact contact-us
            """.split()
        ),
    ),
    (
        "news",
        frozenset(
            """
            aktuelt nyheter nytt nyhende presse pressemeldinger pressemeldingar
            presserom media blogg innsikt artikler artiklar nyhetsrom pressmeddelanden
            press pressrum nyheder pressemeddelelser ajankohtaista uutiset tiedotteet
            blogi news newsroom press-releases blog insights articles updates
            """.split()
        ),
    ),
    (
        "content",
        frozenset(
            """
            tjenester tenester produkter produkt loesninger losninger loysingar priser
            strategi visjon baerekraft berekraft samfunnsansvar apenhetsloven
            referanser kunder investor arsrapport aarsrapport tjanster losningar
            hallbarhet ydelser baeredygtighed palvelut tuotteet ratkaisut
            vastuullisuus strategia services products solutions pricing strategy
            vision mission sustainability customers cases references engineering
            product platform industries
            """.split()
        ),
    ),
)

LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "leadership",
        (
            "ledelse",
            "ledergruppe",
            "leiing",
            "leiargruppe",
            "styret",
            "ledning",
            "styrelse",
            "bestyrelse",
            "direktion",
            "johtoryhmä",
            "leadership",
            "management team",
            "our team",
            "the team",
            "executive team",
            "våre folk",
            "folka våre",
            "folkene",
            "ansatte",
            "tilsette",
            "medarbeider",
            "medarbetare",
            "medarbejdere",
            "vårt team",
            "teamet",
            "organisasjon",
            "our people",
            "meet the",
            "henkilöstö",
            "hvem er vi",
        ),
    ),
    (
        "careers",
        (
            "karriere",
            "karriär",
            "ledige stilling",
            "lediga jobb",
            "jobb hos",
            "jobbe hos",
            "jobba hos",
            "job hos",
            "bli en av oss",
            "careers",
            "vacancies",
            "join us",
            "open positions",
            "work with us",
            "avoimet työpaikat",
        ),
    ),
    ("about", ("om oss", "om os", "about", "hvem vi er", "kven vi er", "meistä")),
    (
        "news",
        (
            "nyheter",
            "nyhende",
            "aktuelt",
            "presse",
            "pressmeddelanden",
            "nyheder",
            "news",
            "blogg",
            "blog",
            "uutiset",
        ),
    ),
)

# Labels that are the whole label, because inside others they mean something else.
WHOLE_LABELS: dict[str, str] = {
    "team": "leadership",
    "people": "leadership",
    "folk": "leadership",
    "jobb": "careers",
    "jobs": "careers",
    "job": "careers",
    "om": "about",
    "company": "about",
    "media": "news",
    "press": "news",
}
