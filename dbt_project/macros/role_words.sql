{#- Words of a title beside function and rank: held for the time being, during a leave, by a
    founder, and which kind of role it is in whatever language. Title words are lower case
    with one space around each word (`title_words`), so "t.f." reads " t f ". -#}

{#- A role held for the time being; "tf. 90 00 00 00" is a telephone. -#}
{% macro is_interim(title_words) -%}
(
    regexp_matches(
        {{ title_words }},
        ' (konst|kst|konstituert|konstituerte|konstitueret|konstituerad|fung|fungerende|fungerande'
            || '|midlertidig|mellombels|midlertidigt|vikar|vikarierende|vikarierande|vik|tillförordnad'
            || '|tilforordnet|virkaatekevä|väliaikainen|sijainen|interim\p{L}*|acting|temporary|ad interim) '
    )
    or regexp_matches({{ title_words }}, ' (tf|t f|vt|v t|vs) ([^0-9]|$)')
)
{%- endmacro %}

{#- Somebody is away for a while and comes back: on leave, or standing in meanwhile. -#}
{% macro is_during_leave(title_words) -%}
regexp_matches(
    {{ title_words }},
    'permisjon|barselorlov|barselsorlov|foreldreorlov|forældreorlov|foreldrelov'
        || '|föräldraledig|tjänstledig|mammaledig|pappaledig|perhevapaa|vanhempainvapaa|äitiysvapaa'
        || '|virkavapaa|hoitovapaa|isyysvapaa| på orlov | (parental|maternity|paternity|family) (leave|cover)'
        || '| (on|leave) (leave|cover|of absence) | sabbatical '
)
{%- endmacro %}

{% macro is_founder(title_words) -%}
(
    regexp_matches(
        {{ title_words }},
        ' (founder|cofounder|founding partner|gründer|gründar|grunnlegger|grunnleggar|medgründer|medgründar'
            || '|medgrunnlegger|medgrunnleggar|stifter|medstifter|grundlægger|medgrundlægger|grundare'
            || '|medgrundare|perustaja|perustajaosakas|perustajajäsen|toinen perustaja) '
    )
    -- Who assists a founder is none.
    and not regexp_matches({{ title_words }}, ' (to|for|til|till|åt|of) (the )?(co )?(founder|founders|gründer) | founder s ')
)
{%- endmacro %}

{#- Kinds of roles with their synonyms in nb, nn, sv, da, fi and en. A title may be of several;
    one that is of none is no kind that we know. -#}
{% macro role_kinds(title_words) -%}
{%- set role_kind_words = {
    'ai': ' (ai|ki|genai|gen ai) |maskinlæring|maskininlärning|machine learning|artificial intelligence'
        ~ '|kunstig intelligen|artificiell intelligens|tekoäly|koneoppimi',
    'sustainability': 'bærekraft|berekraft|hållbarhet|bæredygtig|sustainab|vastuullisuu|kestävä|kestävyy'
        ~ '| (esg|csr) |samfunnsansvar|klima(sjef|direktør|leder|leiar|ansvar)|klimat(chef|direktör|ansvar)'
        ~ '|miljø(sjef|direktør|leder|leiar|chef|ansvar)|miljö(chef|direktör|ansvar)|ympäristö(päällik|johta)'
        ~ '| climate (officer|director|manager|lead) | head of climate ',
    'information_security': 'informasjonssikker|informasjonstrygg|datasikker|datatrygg|sikkerhets(sjef|direktør|leder)'
        ~ '|tryggleiks(sjef|direktør|leiar)|informationssäker|säkerhets(chef|direktör)|informationssikker'
        ~ '|sikkerheds(chef|direktør)|tietoturva|it sikker|it säker|cyber| ciso '
        ~ '| (information|it) security |head of security|chief security',
    'privacy': 'personvern|dataskydd|databeskytt|tietosuoja| privacy | data protection | dpo ',
    'data': 'dataanaly|data(sjef|direktør|leder|leiar|chef|direktör|johtaja)|dataplattform|innsikts(sjef|direktør|leder)'
        ~ '| (analytics|analysesjef|analysechef|analyschef|business intelligence) | head of (data|insights?) '
        ~ '| chief data | data (director|manager|officer|science|scientist|analyst|engineer|lead) ',
    'digital': 'digitalis|digitaliz|digitaalis|digital(direktør|sjef|leder|leiar|chef|direktör)|transformasjon'
        ~ '|transformation|muutosjohta|omstillings(sjef|direktør|leder)|endrings(sjef|direktør|leder)'
        ~ '| (chief digital|head of digital|digital director|digital manager) ',
    'it': ' (it|ikt|ict|cio|cto) |tietohallin|teknologi(direktør|sjef|leder|leiar)|teknik(chef|direktör)|teknologiajohta'
        ~ '|teknisk (direktør|sjef|chef)|chief (information|technology|technical) officer'
        ~ '| (head|vp|director|vice president) (of )?(it|technology|engineering) |information technology',
    'procurement': 'innkjøp|anskaffels|anskaffing|inköp|upphandl|indkøb|udbuds|hankin|osto(päällik|johta)'
        ~ '| (procurement|purchasing|sourcing|purchaser|buyer) | category manager ',
    'hr': ' (hr|chro|hrbp) |personal(sjef|direktør|leder|leiar|chef|direktör|ansvar)|personale(chef|direktør)|personell'
        ~ '|menneskelige ressurser|organisasjonsdirektør|henkilöstö|human resources|chief people'
        ~ '| (head|vp|director) (of )?people | people (and|operations|director|officer|partner) ',
    'recruitment': 'rekrutter|rekryter|rekrytoin|talent| recruit',
    'finance': 'økonomi|rekneskap|regnskap|regnskab|ekonomi|finans|redovisn|talous|kirjanpi| (cfo|finance|financial'
        ~ '|controller|accounting|accountant|treasury|treasurer) ',
    'sales': 'salg| sals|försälj|myyn|kommersiell|kommerciel| (sales|commercial|cro|cco|revenue) |chief revenue',
    'marketing': 'marked(s)?(sjef|direktør|leder|leiar|ansvar|før|koord|rådg)|marknad|markkinoin|merkevare|varumärk'
        ~ '| (marketing|cmo|brand) |marketing(chef|direktør|sjef)',
    'communication': 'kommunikasjon|kommunikation|viestin|informasjons(sjef|direktør|leder)|presse(sjef|chef|ansvar)'
        ~ '|samfunnskontakt|myndighetskontakt|samhällskontakt|yhteiskuntasuh'
        ~ '| (communication|communications|comms|pr|press|public affairs|public relations) ',
    'product': 'produkt(sjef|direktør|leder|leiar|chef|direktör|ansvar|eier|eigar)|tuote(johta|päällik|omista)'
        ~ '| (cpo|chief product) | (head|vp|director|vice president) (of )?product | product (manager|owner|director) ',
    'innovation': 'innovasjon|innovation|innovaat|forretningsutvikl|affärsutveck|forretningsudvik'
        ~ '|liiketoiminnan kehit| business development ',
    'research': 'forsknings|tutkimus|fou | (research|r d|r and d) |forsker|forskar',
    'customer_experience': 'customer success|customer experience|kundesuksess|kundeopplev|kundoppleving|kundupplev'
        ~ '|kundeoplev|asiakaskokem',
    'customer_service': 'kundeservice|kundetjänst|kundtjänst|kundesenter|asiakaspalvel|customer (service|support)',
    'quality': ' (hms|hse|hmsk|khms|qhse|hseq|ehs) |kvalitet|laatu|quality|arbeidsmiljø|arbetsmiljö|arbejdsmiljø|työsuojel',
    'supply': 'logisti|supply chain|forsynings|toimitusket',
    'strategy': 'strateg',
    'legal': 'juridi|jurist|advokat|lakiasia|lakimie|rettsleg| (legal|counsel|lawyer|attorney|clo) ',
    'compliance': 'compliance|etterlev|regelefterlev|vaatimustenmuk|åpenhetslov|openheitslov|internrevis|internal audit'
        ~ '|risiko|riskchef| risk ',
    'international': 'eksport| export |vienti|internasjonal|internationell|international',
    'property': 'eiendom|eigedom|fastighet|ejendom|kiinteistö|real estate|facilit',
    'operations': 'drift|operati(v|ons)|operasjon|tuotan|produksjon|produktion|chief operating| (coo|operations|production) ',
    'design': ' (design|ux|ui) |design(sjef|direktør|leder|chef)|designjohta',
    'projects': 'prosjekt(direktør|sjef|kontor)|projekt(chef|direktör|kontor)|porteføl| (pmo|portfolio) |projektijohta',
    'diversity': 'mangfold|mangfald|mångfald|diversit|inkluder|monimuoto|likestill',
    'partnerships': 'partner(sjef|direktør|leder|leiar|chef|ansvar)|partnerships?|alliances|økosystem|ecosystem|kumppanuu',
    'grants_and_public_sector': 'offentlig sektor|offentleg sektor|public sector|offentliga affärer|julkinen sektor',
} -%}
list_filter(
    [
        {% for kind, pattern in role_kind_words.items() %}
        case
            when regexp_matches({{ title_words }}, '{{ pattern }}') then '{{ kind }}'
        end{{ "," if not loop.last }}{% endfor %}
    ],
    kind -> kind is not null
)
{%- endmacro %}
