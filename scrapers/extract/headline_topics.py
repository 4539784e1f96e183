"""What a finance headline or a sentence of company news in English is about.

Rules over words: one topic for a headline, any number of events for a sentence. They
sort what a feed brings; that something happened to an account, and whom it concerns, is
claimed by `event_words` and `leadership_words` only.
"""

import re

_I = re.IGNORECASE
# A headline is not longer; what is, is a text and read at its top.
_READ = 600


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in patterns), _I)


# Topic, weight of each group of words that is met. The highest sum is the topic, and of
# equal sums the first: the narrower stand before the wider.
_TOPICS: tuple[tuple[str, float, re.Pattern[str]], ...] = (
    ("ipo", 6, _words(r"\bipos?\b", r"\bgo(?:es|ing)? public\b", r"initial public")),
    (
        "dividend",
        6,
        _words(
            r"\bdividends?\b(?! (?:stocks?|king|aristocrat|portfolio|invest|growth))",
            r"\bdeclares\b",
            r"\b(?:monthly|cash|quarterly|special) (?:\w+ )?distributions?\b",
        ),
    ),
    (
        "stock_movement",
        7,
        _words(
            r"\([-+][\d.]+% ?(?:pre|after|post)?",
            r"\b(?:gainers|losers)\b",
            r"\bstocks? making\b.*\bmoves\b",
            r"\b(?:stock|shares?) (?:rises?|gains?|falls?|soars?|slips?|tumbles?|"
            r"surges?|"
            r"slumps?|slides?|jumps?|drops?|sinks?|plunges?|climbs?|pops?|rall(?:y|"
            r"ies)|"
            r"crash(?:es)?|dips?)\b",
            r"\bshares? (?:are )?(?:down|up|lower|higher)\b",
            r"\b(?:pre-?market|after[- ]hours|postmarket|midday)\b",
            r"^\$[A-Z]+ .*\b(?:up|down) [\d.]+%",
            r"\b(?:drops|falls|jumps|soars|slides|tumbles|surges|slumps|gains|plunges|"
            r"rises|climbs|sinks|rallies|pops|dips) (?:over |more than |nearly |about "
            r")?"
            r"[\d.]+%",
        ),
    ),
    (
        "stock_movement",
        4,
        _words(
            r"\b(?:upgraded|downgraded) (?:to|from)\b",
            r"\bupgrade[sd]? to .* from\b|\bdowngrade[sd]? to .* from\b",
            r"\btrading (?:higher|lower)\b",
        ),
    ),
    (
        "analyst_update",
        5,
        _words(
            r"\bdowngrades\b|\bupgrades\b|\bdowngrade[sd] (?!to)|\breiterates?\b",
            r"\b(?:price|s&(?:amp;)?p 500) targets?\b|\bpt (?:on|cut|raised|to)\b|"
            r"\bcuts pt",
            r"\banalyst calls?\b|\banalysts? (?:react|say|see|said|calls?|cut|raise)",
            r"\b(?:initiated|downgraded|upgraded|reiterated|cut|maintained) at\b",
            r"\bcnbc ?pro\b|\bcredit ratings? of\b|\bam best\b",
            r"\b(?:outperform|overweight|underweight|underperform|buy|sell|neutral) "
            r"rating",
            r"\binitiates?\b.*\b(?:coverage|at)\b|\bstarts coverage\b|\bcoverage on\b",
            r"\b(?:goldman(?: sachs)?|citi|morgan stanley|jpmorgan|ubs|barclays|bofa|"
            r"bank of "
            r"america|wells fargo|bernstein|credit suisse|piper sandler|evercore(?: "
            r"isi)?|"
            r"oppenheimer|cowen|bmo|rbc|stifel|jefferies|deutsche bank|wedbush|"
            r"wainwright|"
            r"keybanc|b\.? riley|susquehanna|needham|raymond james|mizuho) (?:says|"
            r"sees|"
            r"believes|likes|names|recommends|cuts|raises|downgrades|upgrades)",
            r"\b% upside\b|\bstocks? (?:to buy|picks?)\b.*\bsays\b",
        ),
    ),
    (
        "personnel_change",
        7,
        _words(
            r"\b(?:appoint(?:s|ed|ment)?|names|hires|promot(?:es|ed)|welcomes|elects|"
            r"elected|"
            r"joins|taps|named|selected|hired|nominates|adds)\b.*\b(?:ceo|cfo|coo|cto|"
            r"cmo|"
            r"cio|chief|president|vice|vp|svp|evp|director|chair(?:man|woman)?|board|"
            r"head|"
            r"officer|partner|manager|counsel|leader|executive|role|team|treasurer|"
            r"advisor)",
            r"\b(?:ceo|cfo|coo|cto|chief \w+ officer|president|chairman|director|"
            r"executive|"
            r"head)\b.*\b(?:steps? down|stepping down|retires?|retirement|resigns?|"
            r"resignation|departs?|departure|leav(?:es|ing)|to leave|transition|fired|"
            r"ousted|exits?|quits?|succeed)",
            r"\b(?:appoint(?:s|ed|ment)|new (?:ceo|cfo|coo|president|chief))\b",
            r"\bjoins\b.*\b(?:as|board|team)\b|\bboard of directors\b",
            r"\b(?:steps?|stepping) down as\b|\bkey person\b",
            r"\bannounces? (?:executive|leadership|management|board|director)\b",
        ),
    ),
    (
        "legal_regulation",
        6,
        _words(
            r"\bclass action\b|\blaw(?:suits?| firm| offices)\b|\bllp\b",
            r"\bsu(?:es|ed|ing)\b|\b(?:counter)?su(?:es|ing)\b|\bjudge\b|\bcourt\b",
            r"\bfined\b|\bfines?\b (?=\$|of)|\bantitrust\b|\bprobes?\b|\bindict|"
            r"\bguilty\b",
            r"\b(?:shareholder|investor|investigation|deadline)(?: action)? alert\b",
            r"\binvestigat(?:ion|es|ing)\b|\bsettle(?:s|ment)\b|\bfraud\b|\balleg",
            r"\bregulators?\b|\bsec (?:charges|says|chair|rule)|\bplead|\bprosecut|"
            r"\bsanctions?",
            r"\btrial (?:date|against)\b|\bsupreme court\b|\blegal\b|\bsubpoena",
        ),
    ),
    (
        "financials",
        6,
        _words(
            r"\beps (?:of|in-line|above|below|beats?|misses?)\b|\b(?:non-)?gaap\b|"
            r"\bffo\b",
            r"\b(?:beats?|misses?) (?:by|on)\b",
            r"\brev(?:enue|s) (?:of|in-line|above|below|guid|\$)|\breports? revs\b",
            r"\bguid(?:es|ance)\b|\b(?:above|below|in-line with) consensus\b",
            r"\b(?:raises|cuts|lowers|reaffirms|sees) (?:fy|q\d|full[- ]year|its full)",
            r"\b(?:profit|revenue|sales|earnings|income) (?:rises?|falls?|drops?|"
            r"jumps?|"
            r"surges?|beats?|misses?|soars?|doubles?|slumps?|up|down|tops?|climbs?)",
            r"\bpreliminary (?:q\d|revenue|results)|\bquarterly (?:profit|loss|"
            r"revenue)",
            r"\b(?:first|second|third|fourth)-quarter (?:profit|revenue|sales|loss|"
            r"net)",
            r"\breports? (?:record |q\d |second |first )?(?:revenue|profit|sales|net|"
            r"loss)",
        ),
    ),
    (
        "earnings",
        7,
        _words(
            r"\bearnings (?:call|preview|release|conference|date|scheduled|season|"
            r"results)",
            r"\bcall (?:transcript|presentation)\b|\bconference call\b|\bwebcast\b",
            r"\bresults - earnings\b|\bq\d (?:20)?\d\d (?:earnings|results)\b",
            r"\b(?:to|will) (?:report|announce|release|host|hold|"
            r"discuss)\b.*\b(?:results|"
            r"earnings|quarter)\b",
            r"\b(?:announces?|reports?|schedules?|sets?|releases?|"
            r"posts?)\b.*\b(?:quarter|"
            r"half|full|annual|year)\b.*\b(?:results|earnings|date|call)\b",
            r"\bfinancial results\b|\bquarter(?:ly)? (?:\w+ )?results\b|\bresults on\b",
            r"\bresults q\d\b|\b2022 q\d\b",
        ),
    ),
    ("earnings", 3, _words(r"\bearnings\b", r"\bquarterly results\b", r"\bq[1-4]\b")),
    (
        "mergers_investments",
        6,
        _words(
            r"\bacqui(?:res?|red|ring|sitions?)\b|\bmerg(?:ers?|es?|ing)\b|"
            r"\btakeover\b",
            r"\bto (?:buy|sell|purchase)\b.*\b(?:for|stake|unit|business|in deal|"
            r"billion|"
            r"million|assets|company)\b|\bbuyout\b|\bcombine to\b|\bbuys?\b "
            r".*\bstake\b",
            r"\binvest(?:s|ment in|ments in|ing in)\b|\b(?:takes?|stake in|bought|"
            r"sells?)\b.*"
            r"\bstake\b|\bstakes? in\b",
            r"\b(?:\$?\w+ )?series [a-e]\b|\bfunding round\b|\btender offer\b|\bjoint "
            r"venture",
            r"\b(?:bid|offer) for\b|\bbusiness combination\b|\bspac\b|\bm&(?:amp;)?a\b",
            r"\bclosing of\b.*\b(?:acquisition|sale)|\bdivest|\bdefinitive agreement\b",
        ),
    ),
    (
        "central_banks",
        6,
        _words(
            r"\bcentral banks?\b|\becb\b|\b(?:the )?fed(?:'s|’s| s)?\b(?!eral "
            r"(?!reserve)|ex)",
            r"\bfederal reserve\b|\bboe\b|\bboj\b|\brba\b|\brbi\b|\bsnb\b|\bfomc\b|"
            r"\brbnz\b",
            r"\b(?:basis[- ]points?|bps?)\b.*\b(?:hike|rate|rise|increase)|\brate "
            r"(?:hikes?|"
            r"decision|increases?)\b|\binterest rates?\b|\bmonetary policy\b",
            r"\b(?:powell|lagarde|bullard|waller|barkin|bostic|mester|yellen|kuroda|"
            r"bailey|"
            r"daly|brainard|kashkari)\b|\bbank of (?:england|japan|canada|korea)\b",
            r"\breserve bank\b|\bhik(?:es?|ing) (?:interest )?rates?\b|\braises? "
            r"rates?\b",
        ),
    ),
    (
        "currencies",
        6,
        _words(
            r"\bparity\b|\beuro (?:falls?|hits?|slides?|rallies|drops?|rises?|is|and|"
            r"near)",
            r"\b(?:us|u\.s\.|the) dollar(?:'s|’s)?\b(?! (?:store|tree|general|bonds?))",
            r"\bdollar (?:index|strength|rises?|falls?|surges?|gains?|slips?|rally)\b",
            r"\b(?:yen|yuan|rupee|peso|rouble|ruble|sterling|lira|forex|fx|renminbi|"
            r"rand|"
            r"usd|eur/usd|usd/jpy|dlr|dxy)\b|\bcurrenc(?:y|ies)\b(?! trad)",
        ),
    ),
    (
        "metals",
        7,
        _words(
            r"\b(?:gold|silver|copper|aluminum|aluminium|nickel|zinc|platinum|"
            r"palladium|"
            r"iron ore|lme|steel prices?|lithium prices?|tin)\b (?:prices?|rises?|"
            r"falls?|"
            r"slides?|selloff|futures|miners?|trust|edges?|drops?|steady|slips?|hits?|"
            r"gains?|"
            r"climbs?|market|holds?|eases?|inches)|\bmetals\b|\bspot gold\b|\bcomex\b",
        ),
    ),
    ("metals", 4, _words(r"\b(?:gold|copper|bullion|aluminium|nickel)\b(?! ?man)")),
    (
        "energy",
        6,
        _words(
            r"\boil\b|\bcrude\b|\bbarrels?\b|\bbrent\b|\bwti\b|\bopec\b|\bbbl\b|#?oott",
            r"\bnatural gas\b|\bnat ?gas\b|\blng\b|\bgas (?:prices?|supply|flows?|"
            r"supplies|"
            r"storage|shortage|pipeline|crisis|imports?|exports?)\b|\bgazprom\b|"
            r"\bgasoline",
            r"\bnord stream\b|\bpipelines?\b(?! of)|\benergy (?:crisis|supply|prices?|"
            r"agency|"
            r"supplies|emergency)\b|\bpower (?:prices|grid)\b|\beia\b|\bbpd\b|\bcoal\b",
            r"\bdiesel\b|\brefiner(?:y|s|ies)\b|\bat the pump\b",
        ),
    ),
    (
        "corporate_debt",
        6,
        _words(
            r"\bdebt\b|\bbonds?\b(?! (?:etf|villain))|\bbondholders?\b|\bjgb\b",
            r"\b(?:treasury|bond|year) yields?\b|\byields? (?:rise|fall|dip|nudge|"
            r"curve)\b",
            r"\byield curve\b|\btreasuries\b|\bbid-cover\b|\bpreliminary ratings\b|"
            r"\bkbra\b",
            r"\bsenior notes\b|\bnotes (?:due|offering)\b|\bcredit (?:facility|"
            r"rating)\b",
            r"\bdefaults?\b|\bloan facility\b|\bterm loan\b|\brefinanc|\bjunk\b|"
            r"\blevered",
            r"\b(?:10|2|30|5)[- ]year (?:note|yield|treasury|auction)",
        ),
    ),
    (
        "macro",
        6,
        _words(
            r"\binflation\b|\bcpi\b|\bppi\b|\bgdp\b|\bjobless\b|\bunemployment\b|"
            r"\bpayrolls?",
            r"\brecession\b|\bretail sales\b|\bhousing (?:starts|market|permits)\b|"
            r"\bhome "
            r"(?:sales|prices)\b|\bmortgage (?:rates?|demand|applications)|\bpmi\b|"
            r"\bmom\b",
            r"\b[ym]/[ym]\b|\byoy\b|\b(?:est|prev|previous|exp|actual|prior)\b[.:]? "
            r"-?[\d.]+",
            r"\bconsumer (?:confidence|prices|sentiment|spending)\b|\bindustrial "
            r"production",
            r"\bprice index\b|\btrade (?:deficit|balance|surplus)\b|\$econx\b|"
            r"\bfactory\b",
            r"\b(?:global|world|china's|china’s|u\.s\.|us|uk|eurozone|worldwide) "
            r"(?:\w+ )?"
            r"(?:economy|economic|growth)\b|\bmarket (?:is )?(?:expected|size|to "
            r"reach)\b",
            r"\b(?:wheat|grain|corn|soybean|food) (?:prices?|exports?|supply|security|"
            r"crisis)"
            r"|\bby 20(?:2[5-9]|3\d)\b.*\b(?:cagr|billion)|\bcagr\b|\bcost of living\b",
            r"(?<!#)\beconom(?:y|ic growth|ists?)\b|\bseasonally\b|\bwages?\b|\blabor "
            r"market\b",
            r"\bsupply chains?\b.*\b(?:global|crisis)|\bimports\b|\bexports\b|"
            r"\brents?\b",
        ),
    ),
    (
        "politics",
        6,
        _words(
            r"\b(?:prime minister|sunak|truss|mordaunt|boris|tory|tories|"
            r"conservatives?|"
            r"trump|biden(?! admin.* drug)|democrats?|republicans?|gop|senat(?:e|ors?)|"
            r"congress|lawmakers?|parliament|draghi|putin|zelensk\w+|kremlin|election|"
            r"elections|ballot|white house|jan\.? 6|rajapaksa|manchin|pelosi|mps?|"
            r"macron|xi jinping|erdogan|lapid|abe|shinzo|crown prince|governor race|"
            r"coalition|cabinet|geopolit\w+|foreign minister|no-confidence|confidence "
            r"vote|"
            r"diplomat\w*|nato|president \w+ \w+ (?:fled|resign)|sri lanka\w*|"
            r"ukrain\w+|"
            r"presidential|campaign trail|voters?|vote on|bill (?:to|in|that)|"
            r"midterms?)\b",
        ),
    ),
    (
        "markets",
        6,
        _words(
            r"\bdow\b(?! (?:inc|chem))|\bs&(?:amp;)?p(?: 500)?\b|\bnasdaq\b(?!:)(?!\))|"
            r"\bftse\b",
            r"\b(?:nikkei|dax|cac|hang seng|shanghai|stoxx|kospi|sensex|nifty|russell "
            r"2000)\b",
            r"\b(?:us|u\.s\.|u\.s|european?|asian?|asia-pacific|global|world|wall "
            r"st\w*|tech|"
            r"japan\w*|china\w*|chinese|indian?|german|uk|british|hong kong) "
            r"(?:stocks?|"
            r"shares|markets?|equit(?:y|ies)|futures|indices)\b|\bstock (?:futures|"
            r"index|"
            r"market)\b|\bwall street\b|\$sumrx|\$talkx|\bstocks (?:finish|close|open|"
            r"rise|"
            r"fall|slip|rally|end|waver|extend|slide|edge|gain|drop|turn|set|sink|"
            r"jump)",
            r"\bcrypto(?:currency)? market|\bbear market\b|\bmarket (?:open|close|"
            r"briefing|"
            r"wrap|update)\b|\b(?:indices|equities)\b|\bemerging markets?\b",
        ),
    ),
    (
        "stock_commentary",
        5,
        _words(
            r"\$(?:spy|spx|es|qqq|es_f|amc|gme|vix|iwm|ndx|smh|nq_f)\b",
            r"\b(?:breakout|resistance|chart|setup|vwap|support level|descending|"
            r"trendline|"
            r"equilibrium|accumulation|consolidation|shorts?|ema|sma|rsi|macd|bulls?|"
            r"bears?|"
            r"dip|puts?|calls? \(|swing|entry|reversal|undervalued|overvalued|"
            r"undervaluation|"
            r"volume|\d+ ?ma|tl|wkly|osc|unusual|bottom|fib|breakdown|candle|bounce|"
            r"upside|"
            r"watchlist|squeeze|oversold|overbought|hod|lod)\b",
            r"\b(?:recap \d|see if|break of|if it|look for|my|i am|i'm|i’m|imo|lol|"
            r"fwiw|nice|"
            r"paused at|live breaking|breaking trading)\b",
            r"\b(?:is|are) .* (?:a buy|attractive|stocks?)\b.*\?|\b\d+ (?:best |top "
            r")?stocks\b|"
            r"\bstocks? to (?:buy|watch|own)\b|\bbuy(?:ing)? the\b|\bportfolio\b|"
            r"\bhold\b",
            r"\b% yield\b|\bcompelling\b|\bdiscount\b|\bvaluation\b|\bcheap\b|"
            r"\bworth\b.*\?",
        ),
    ),
    (
        "stock_commentary",
        4,
        _words(
            r"#(?:stocks|trading|investing|finance|stockmarket|business|markets|"
            r"economy)\b"
        ),
    ),
    (
        "company_product_news",
        5,
        _words(
            r"\blaunch(?:es|ed|ing)?\b|\bintroduc(?:es|ed|ing)\b|\bunveils?\b|"
            r"\bexpands?\b",
            r"\bpartner(?:s|ship|ed|ing)?\b|\bcollaborat\w+|\bcontracts?\b|"
            r"\bselect(?:s|ed)\b",
            r"\b(?:regulatory announcement|announcement form|form 8)\b|\bplc\b",
            r"\bawards?\b|\bawarded\b|\breceives\b|\brecognized\b|\bnamed\b|\bwins\b",
            r"\bclinical\b|\bfda\b|\bphase \d?\b|\btreatment\b|\bvaccines?\b|"
            r"\bdrugs?\b|\bpatent",
            r"\bsolutions?\b|\bplatform\b|\btechnolog(?:y|ies)\b|\bsoftware\b|"
            r"\bcloud\b|\bai\b",
            r"\border(?:s|ed)? (?:for|from)\b|\bagreement (?:with|to)\b|\bsecures?\b|"
            r"\bdeal with",
            r"\b(?:tesla|amazon|apple|google|boeing|airbus|microsoft|netflix|meta|"
            r"facebook|"
            r"ford|gm|toyota|volkswagen|samsung|twitter|musk|disney|walmart)\b",
            r"\b(?:hiring|layoffs?|lay off|job cuts|workforce|employees|workers|union|"
            r"strike)\b",
            r"\bbankruptcy\b|\bchapter 11\b|\boffering\b|\brais(?:es|ed) \$|\bopens?\b|"
            r"\bplans? "
            r"to\b|\bfactory\b|\bplant\b|\bstores?\b|\bflights?\b|\bairlines?\b|"
            r"\bevs?\b",
            r"\binc\.?\b|\bcorp\.?\b|\bltd\b|\bgroup\b|\bholdings?\b|\bannounces\b|"
            r"\bcompany\b",
            r"\bnetwork\b|\bprograms?\b|\bcustomers?\b|\bproducts?\b|\bservices?\b|"
            r"\bstudy\b",
            r"\bcompletes?\b|\bproject\b|\bdevelop(?:s|ment)?\b|\bcenter\b|"
            r"\bresearch\b",
        ),
    ),
    (
        "general",
        3.5,
        _words(
            r"\bcitylab\b|\bbreakingviews\b|\bvia \|? ?@?ap\b|\bbig take\b|\|? "
            r"?opinion\b",
            r"\bheat ?waves?\b|\btemperatures?\b|\bcovid\b|\bmonkeypox\b|\bvirus\b|"
            r"\bclimate\b",
            r"\b(?:space )?telescope\b|\bwildfires?\b|\bkilled\b|\bdied\b|\bshooting\b|"
            r"\bpolice\b",
            r"\bhere(?:'s|’s| is| are)\b|\bwhat (?:you|to|it)\b|\bhow (?:to|do|the)\b|"
            r"\bwhy\b",
            r"\bread (?:the|more)\b|\blearn (?:more|how)\b|\bthings (?:to|you)\b|"
            r"\bwatch\b",
            r"\bwomen\b|\bpeople\b|\bchildren\b|\bfamil(?:y|ies)\b|\bschools?\b|"
            r"\bstudents?\b",
            r"\bsummer\b|\bcity\b|\btravel\b|\bworld\b|\babortion\b|\bpandemic\b|"
            r"\bwar\b",
        ),
    ),
)
# What press releases add to the case for news of a company.
_TITLE_CASE = 4.0
TOPICS = tuple(dict.fromkeys(topic for topic, _weight, _pattern in _TOPICS))

_FIGURE = (
    r"(?:\d|per cent|rose|fell|grew|growth|up|down|decline|increase|drop|rise|fall)"
)
_EVENTS: tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...] = (
    (
        "buy_rating",
        _words(
            r"['\"] ?(?:buy|sell|hold|neutral|overweight|underweight|outperform|"
            r"underperform|"
            r"reduce|add|equal weight|trading buy) ?['\"]",
            r"\b(?:down|up)grad(?:ed|ing|es?)\b",
            r"\b(?:recommendation|rating)s? (?:on|to|from|and)\b|\bbuy list\b|\bsell "
            r"list\b",
            r"\b(?:started|initiated|resumed) coverage\b",
        ),
        None,
    ),
    (
        "target_price",
        _words(
            r"\b(?:target price|price target|p target)s?\b",
            r"\b(?:rais|cut|lift|lower|increas|set|reduc)\w* (?:\w+ ){0,3}targets? "
            r"(?:\w+ ){0,3}(?:from|to|on|of)\b",
            r"\d+p (?:price )?target\b",
        ),
        None,
    ),
    (
        "dividend",
        _words(r"\bdividends?\b"),
        _words(
            r"\b(?:final|interim|special|quarterly|full-year|total|cash|first|annual) "
            r"(?:\w+ )?dividend",
            r"\bdividends? (?:of|by|to|from|was|increase|yield|payment|cut|pay-?out|"
            r"is)\b",
            r"\b(?:increas|rais|declar|propos|pay|paid|lift|cut|rais|boost|"
            r"maintain)\w* "
            r"(?:\w+ ){0,4}dividend",
            r"\bn dividend\b",
        ),
    ),
    (
        "debt",
        _words(r"\bnet debt\b", r"\bpay down (?:\w+ )?debt\b", r"\bdebt of\b"),
        None,
    ),
    (
        "share_repurchase",
        _words(
            r"\b(?:share )?buy-?\s?backs?\b",
            r"\bbuy(?:ing)? back (?:\w+ )?shares\b",
        ),
        _words(r"\bshare buy-?\s?back", r"\bprogramme\b", r"(?:bn|[\d.]+m)\b"),
    ),
    (
        "quarterly_results",
        _words(
            r"\b(?:first|second|third|fourth|last|previous|prior)[- ]quarter\b",
            r"\bquarterly\b|\bthe quarter\b|\bquarter (?:and|was|rose|to|results|"
            r"compared)",
            r"\bthree months\b",
        ),
        _words(
            r"\b(?:results?|sales|profits?|revenues?|earnings|income|output|production|"
            r"growth|loss|trading|update|performance|tonnes)\b"
        ),
    ),
    (
        "sales_volume",
        _words(r"\b(?:sales|volumes?|like-for-like)\b"),
        _words(
            rf"\b(?:sales|volumes?) (?:\w+ ){{0,3}}{_FIGURE}",
            rf"{_FIGURE}[^.]{{0,45}}\b(?:sales|volumes?)\b",
            r"\b(?:like-for-like|underlying|total|uk|international|group|online|"
            r"same-store|"
            r"non-food|first-quarter|petrol|strong|falling) sales\b",
        ),
    ),
    (
        "turnover",
        _words(r"\brevenues?\b", r"\bturn-?over\b"),
        _words(
            rf"\b(?:revenues?|turn-?over) (?:\w+ ){{0,4}}{_FIGURE}",
            rf"{_FIGURE}[^.]{{0,45}}\b(?:revenues?|turn-?over)\b",
            r"\b(?:service|group|underlying|organic|reported|falling|declining|"
            r"slowing) "
            r"revenues?\b",
        ),
    ),
    (
        "profit",
        _words(
            r"\bpre-?tax (?:profits?|loss(?:es)?)\b",
            r"\b(?:net|operating|trading|underlying|annual|half-year|first-half|"
            r"full-year|"
            r"record|core|adjusted|quarterly) (?:\w+ )?(?:profits?|loss(?:es)?|"
            r"income)\b",
            r"\bprofit warnings?\b|\bearnings per share\b|\bebitda\b|\bprofits?\b",
            r"\bearnings before\b|\bearnings (?:growth|forecasts?|rose|fell|were|up)\b",
            r"\bmargins? (?:\w+ ){0,3}(?:fell|rose|declin|would|of|at|from)",
            r"\bloss of\b|\bnet income\b",
        ),
        None,
    ),
    (
        "merger_acquisition",
        _words(
            r"\bacquisitions? of\b|\bacquir(?:ed|e|ing) (?!a taste)",
            r"\b(?:takeover|hostile|rejected|formal|all-share|cash) (?:\w+ )?(?:bid|"
            r"offer|"
            r"approach)\b|\bbn (?:\w+ )?(?:bid|takeover|acquisition|deal|offer|"
            r"merger)\b",
            r"\bmerger (?:between|of|with|plans|talks)\b|\bbid for\b|\btakeover of\b",
            r"\b(?:bought|buy|buying) (?:\w+ ){0,4}(?:stake|for (?:pounds|dollars|\$|"
            r"eur)|"
            r"company|rival|operator|group)\b|\btalks (?:to buy|with|over)\b",
            r"\bto (?:buy|acquire) (?:the |[A-Z])|\bstake in\b",
        ),
        None,
    ),
)
EVENTS = tuple(event for event, _said, _meant in _EVENTS)


def headline_topic(text: str) -> str:
    """The topic of a headline; `general` where no words speak for one."""
    scores = dict.fromkeys(TOPICS, 0.0)
    for topic, weight, pattern in _TOPICS:
        found = pattern.finditer(text, 0, _READ)
        words = {match.group().lower() for match in found}
        # More words of a topic add to it, each less than the one before.
        scores[topic] += sum(weight / 4**place for place in range(len(words)))
    best = max(scores, key=lambda topic: scores[topic])
    if best == "general" or not scores[best]:
        scores["company_product_news"] += _TITLE_CASE * _is_set_as_a_title(text)
        best = max(scores, key=lambda topic: scores[topic])
    if scores[best]:
        return best
    return "stock_commentary" if "$" in text else "general"


def _is_set_as_a_title(text: str) -> bool:
    """Whether a headline is written As Press Releases Are."""
    words = [word for word in text.split() if word[0].isalpha() and len(word) > 3]
    capitals = sum(word[0].isupper() and not word.isupper() for word in words)
    return len(words) >= 4 and capitals >= 0.75 * len(words)


def sentence_events(text: str) -> tuple[str, ...]:
    """The events of a company a sentence of news tells of, none for most sentences."""
    return tuple(
        event
        for event, said, meant in _EVENTS
        if said.search(text) and (meant is None or meant.search(text))
    )
