{#- Words of titles and texts of job ads, in nb, nn, sv, da and en. Titles come through title_words. -#}

{#- Work for a season: advertised every year, and no sign of growth when it is. -#}
{% macro is_seasonal_job(title_words) -%}
regexp_matches(
    {{ title_words }},
    '(sommer|sumar|sommar)(jobb|job|vikar|arbeid|arbeit|arbejd|hjelp|student|medarbeid|ferie|intern|praktik|verk)'
    || '|(ferie|helge|jule)(vikar|avløs|afløs|hjelp|hjälp|jobb|job) '
    || '|ferie(vikar|avløs|afløs)|semestervikarie'
    || '|(sesong|säsong|sæson)(arbeid|arbet|arbejd|medarbeid|medarbet|medarbejd|hjelp|hjälp|vikar|jobb|ansatt)'
    || '| (summer|christmas|holiday) (job|jobs|intern|interns|internship|internships|worker|workers|temp|temps'
    || '|help|student) '
    || '| (seasonal|seasonnaire) '
    || '| (sommer|sumar|sommar) (20\d\d|vikar|jobb|job) '
)
{%- endmacro %}

{#- Ads that stand for no position of their own: open applications, pools, trainees of the year. -#}
{% macro is_standing_ad(title_words) -%}
regexp_matches(
    {{ title_words }},
    ' (åpen|open|opne|åpne|generell|öppen|spontan|uoppfordret|uopfordret|åben) (søknad|ansökan|ansøgning) '
    || '|spontanansökan| (open|general|speculative|unsolicited|spontaneous) applications? '
    || '|jobbank|kandidatbank|kandidatpool|talentbank| talent (pool|community|network) '
    || '|(lærling|lærlingar|lærlinger|lärling|lærlingeplads)| (apprentice|apprenticeship|trainee|traineeprogram'
    || '|graduate) '
)
{%- endmacro %}

{#- A buyer by trade, or who owns a system. Who sells to buyers is neither. -#}
{% macro is_buying_title(title_words) -%}
(
    regexp_matches(
        {{ title_words }},
        '(innkjøp(er|ar|s|sjef| )|innkjøps|anskaffels|anskaffing)'
        || '|(inköp(are|s|schef| )|upphandl)|(indkøb(er|s| )|udbuds)'
        || '| (procurement|purchasing|purchaser|buyer|sourcing) '
        || '|(system|løsnings|tjeneste|teneste|applikasjons)(eier|eigar|ansvarlig anskaffelse) '
        || '|(system|lösnings|applikations)ägare |(system|applikations)ejer '
        || '| (system|application|solution|platform) owner '
    )
    and not regexp_matches(
        {{ title_words }},
        '(selger|seljar|säljare|sælger|salgs|sals)| (sales|seller|advokat|lawyer|attorney|bid|media buyer) '
        || '|(tilbuds|anbuds|tilbods|anbods)(ansvarl|leder|leiar|koord|rådg)'
    )
)
{%- endmacro %}

{#- Who leads a project: of a purchase only when the ad says of what. -#}
{% macro is_project_title(title_words) -%}
regexp_matches(
    {{ title_words }},
    '(prosjekt|program|innførings|implementerings)(leder|leiar|sjef|rådgiver|rådgjevar|ansvarlig|ansvarleg'
    || '|koordinator) '
    || '|(projekt|program|införande)(ledare|chef|ansvarig|samordnare) |(projekt|program|implementerings)(leder'
    || '|chef|ansvarlig) '
    || '| (project|programme|program|implementation|rollout) (manager|lead|leader|director|owner) '
)
{%- endmacro %}

{#- What a text says is being bought or brought in: the words, or nothing. A purchase as such is
    enough; what is brought in must be new. -#}
{% macro purchase_object(text) -%}
nullif(regexp_extract(
    lower({{ text }}),
    '(anskaffelsen|anskaffelse|anskaffinga|anskaffing|upphandlingen|upphandling|udbuddet|udbud|procurement)'
    || ' (av|af|of) [\p{L}-]{3,}( [\p{L}-]+){0,2}'
    || '|(anskaffe|anskaffer|upphandla|upphandlar|udbyde|udbyder|procure|procuring)'
    || ' (et |eit |en |ein |ei |ett |a |an |our |vårt |vår |vores |det |den )?(nytt|ny|nye|nya|nyt'
    || '|new) [\p{L}-]+( [\p{L}-]+)?'
    || '|(innføringen|innføringa|innføring|innføre|implementeringen|implementeringa|implementering|implementere'
    || '|utrullingen|utrullinga|utrulling|utskiftingen|utskiftinga|utskifting|overgangen til|overgang til'
    || '|införandet|införande'
    || '|införa|implementera|indføring|indføre|implementation|implement|rollout|roll out|replacement|selection'
    || '|migration to)'
    || '( av| af| of)?( et| eit| en| ein| ei| ett| a| an| our| vårt| vår| vores)? (nytt|ny|nye|nya|nyt|new)'
    || '( [\p{L}-]+){0,2} [\p{L}-]*(system|systemet|løsning|løysing|lösning|plattform|platform|verktøy|verktyg'
    || '|værktøj|solution|erp|crm)\b',
    0
), '')
{%- endmacro %}

{#- Whether a title names what is being brought in. -#}
{% macro names_a_system(title_words) -%}
regexp_matches(
    {{ title_words }},
    ' (erp|crm|hrm|mes|wms) | (nytt|ny|nye|nya|nyt|new) (\p{L}+ )?\p{L}*(system|løsning|løysing|lösning|plattform'
    || '|platform) '
    || '|(fagsystem|affärssystem|journalsystem|økonomisystem|lønnssystem|kjernesystem'
    || '|verksamhetssystem|forretningssystem)'
)
{%- endmacro %}

{#- Text of an ad without what it only wishes for: "en fordel", "nice to have". -#}
{% macro required_words(text) -%}
regexp_replace(
    lower({{ text }}),
    '[^.!?\n•]*(en fordel|ein fordel|et pluss|eit pluss|ønskelig|ønskeleg|gjerne|meriterande|meriterend|merit om'
    || '|önskvärt'
    || '|gärna|plussar om|en plus|et plus|gerne|nice to have|a plus|an advantage|a bonus|preferred|preferably'
    || '|desirable)'
    || '([^.!?\n•]*:\s*([\n•-][^\n•]*)*|[^.!?\n•]*)',
    ' ', 'g'
)
{%- endmacro %}

{#- One name of a place of work: without number, postal code or the words for what it is; nothing
    where it names no place in particular. -#}
{% macro work_place(place_key) -%}
(
    case regexp_replace(
        regexp_replace({{ place_key }}, '^\d{4,5} ', ''), ' (kommune|kommun|municipality|sentrum|centrum|city|by)$', ''
    )
        when 'copenhagen' then 'københavn'
        when 'gothenburg' then 'göteborg'
        when 'helsingfors' then 'helsinki'
        when 'christiania' then 'oslo'
        else nullif(regexp_extract(
            regexp_replace(
                regexp_replace({{ place_key }}, '^\d{4,5} ', ''), ' (kommune|kommun|municipality|sentrum|centrum|city|by)$', ''
            ),
            '^[^\d]+$', 0
        ), '')
    end
)
{%- endmacro %}

{#- Work that is done anywhere, or in a place that is no place. -#}
{% macro is_anywhere(place) -%}
regexp_matches(
    {{ title_words(place) }},
    ' (remote|fjernarbeid|fjernarbeide|distans|distansarbete|hjemmekontor|heimekontor|hjemmearbejde|anywhere'
    || '|worldwide|nordic|nordics|norden'
    || '|europe|europa|emea|flere|fleire|flera|multiple|various|diverse|hele|heile|hela|landsdekkende'
    || '|landsdekkande|etter avtale'
    || '|valgfritt|valfritt|nationwide|global|fylke|region|regionen|län'
    || '|vestlandet|østlandet|sørlandet|nord norge|nord noreg|midt norge|trøndelag|innlandet|nordland|viken'
    || '|rogaland|vestland'
    || '|agder|telemark|vestfold|finnmark|troms|møre og romsdal) '
)
{%- endmacro %}
