{#- Whether a title names an occupation that manages, as ISCO-08 major group 1 means it.

    The first pattern that matches says so. Patterns are constants here and no rows of a seed:
    an engine compiles a constant once, a column once for every row. Of each language first what
    looks like managing and is not (shifts, projects, kitchens, accounts, collections).

    Written by hand; reviewed against labels of ESCO 1.1.1 (European Commission) and of STYRK-08. -#}
{% macro manages(title_words) -%}
case
    when regexp_matches(
        {{ title_words }},
        ' (assistant|secretary|clerk|receptionist|aide|adviser|advisor|consultant) (to|'
            || 'for) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (deputy|vice|assistant|school|college|university|academy) ?(head ?teacher|'
            || 'head ?master|head ?mistress|principal|dean) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (head ?teacher|head ?master|head ?mistress|(primary|secondary|elementary|high|'
            || 'nursery|special|middle)( education)?( school)? (head|principal)|school (principal|'
            || 'head)|principal of|(faculty|college|university) dean|dean|vice chancellor|provost|'
            || 'rector) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (minister of (religion|the church)|(religious|church|parish) minister|'
            || 'financial controller) '
    ) then false
    when regexp_matches({{ title_words }}, ' (assistent|sekretær|rådgiver|rådgjevar)(er|ar|e)? (til|for|hos) ') then false
    when regexp_matches(
        {{ title_words }},
        '(arbeids|renholds|kjøkken|program|flyge|trafikk|skift|lag|gruppe|team|prosjekt|bygge|reise|tur|'
            || 'fritids|orkester|kor|dirigent|vakt|oppdrags|aktivitets|studie|klubb|leir|jakt|'
            || 'kampanje|kunde|butikkavdelings|delprosjekt|instruksjons|ordre|rute|stasjons|tog|'
            || 'produkt)(leder|leiar|sjef)(e|en|ar|ane|ene|ne|er)? '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (sjefskokk|kjøkkensjef|sjefsingeniør|sjefredaktør|sjefspsykolog|sjefsforsker|'
            || 'sjefkonsulent|ledende|leiande)\p{L}* '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (assistent|sekreterare) (till|åt|hos) | (kökschef|chefredaktör)\p{L}* |(arbets|'
            || 'projekt|team|grupp|skift|rese|program|flyg|trafik|produkt|'
            || 'butiksavdelnings)(ledare|ledaren|chef|chefen|chefer) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (assistent|sekretær) (til|for|hos) | (køkkenchef|chefredaktør|'
            || 'chefkonsulent)\p{L}* |(arbejds|projekt|team|gruppe|skifte|rejse|program|flyve|'
            || 'trafik|produkt)(leder|lederen|ledere|chef|chefen|chefer) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        '(projekti|tuote|vuoro|tiimi|ryhmä|kei?ttiö|asiakas)(päällikkö|päälliköt|esimies|'
            || 'vetäjä|johtaja) | (päätoimittaja|keittiömestari) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (mayor|mayoress|lord mayor|(city |town |county |local |municipal |'
            || 'district )?councill?ors?|senator|governor|cabinet member|member of parliament|'
            || 'minister|prime minister|state secretary|secretary of state|under ?secretary|'
            || 'secretary general|ambassador|consul|diplomat|viceroy|prefect|congressman|'
            || 'congresswoman|village (head|chief)|elected representative|(fire|police) (chief|'
            || 'commissioner)|chief (constable|fire officer)) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' ((group |corporate |company )?treasurer|finance chief|financial (administrator|'
            || 'controller)) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (distribution|logistics|supply chain)( \p{L}+)* (planner|coordinator|'
            || 'co ordinator|supervisor|manager|director|head|chief|lead|administrator|'
            || 'specialist in charge)s? '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (operations|freight|railway|rail|road|train|transport|warehouse|purchasing|'
            || 'procurement) (operations )?(coordinator|co ordinator) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (import( and)?( export)?|export|international trade( compliance)?|'
            || 'trade compliance) (area |regional )?(manager|director|head)s? '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (after ?sales|after sales) (service )?(manager|coordinator|co ordinator|'
            || 'specialist|lead|head) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (social care|public housing|housing policy|quality assurance department|'
            || 'technical director of|wastewater|sewerage|water treatment)( \p{L}+){0,2} (manager|'
            || 'director|head)s? '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (ict|it|information technology|telecommunications?) (\p{L}+ ){0,3}(project|'
            || 'product|operations|resilience|research|vendor relationship|account|knowledge|'
            || 'documentation|environmental|security|information) managers? '
    ) then true
    when regexp_matches({{ title_words }}, ' (rental|hire desk|booking desk) ') then false
    when regexp_matches(
        {{ title_words }},
        ' (politiker|ordfører|ordførar|statsråd|statsminister|minister|'
            || 'stortingsrepresentant|fylkesordfører|byrådsleder|rådmann|rådmenn|fylkesmann|'
            || 'statsforvalter|ambassadør|generalkonsul|rektor|inspektør ved skole|styrer|styrar|'
            || 'barnehagestyrer|dekan)(e|en|ar|ane|er|ene|ne)? '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (membership|membership sales|member|catalogue|product and services|fund|funds|'
            || 'fund investment|corporate banking( \p{L}+)?|private banking|club|'
            || 'camp site booking|refinery|distillery|vehicle booking|demolition|stevedor(e|ing)|'
            || 'exhibits|botany|garden|bed and breakfast|b b|estate|subscription|e catalogue|'
            || 'relationship|client|customer relations|portfolio|risk|cash management|account|'
            || 'key account|investments?|fund portfolio|location|credit( \p{L}+){0,2}|'
            || 'collections?|records|archive|thesaurus|configuration|lifecycle|quality assurance|'
            || 'test|testing|help ?desk|service desk|software support|technical support|housing|'
            || 'neighbou?rhood|real estate|acquisitions?|venue|banquet(ing)?|conferenc(e|ing)|'
            || 'party|event|wedding|practice|youth|campaign|election|regulatory( \p{L}+)?|policy|'
            || 'category|territory|shift|merchandis(e|ing)|visual|community|social media|content|'
            || 'seo|brand|case|care|lean|kaizen|excellence|improvement|intelligence|bid|'
            || 'proposals?|tender|contract|change|release|deployment|incident|problem|knowledge|'
            || 'data base|database|network|systems?|wiki|impact assessment|international|training|'
            || 'learning|skills development|activities|team (football)?|football|stage|company|'
            || 'tour|road|floor|set|props?|costume|wardrobe|art department|production design|'
            || 'lighting|artist|talent|music|farm|farming|agricultural( operations)?|vineyard|'
            || 'winery|stud|kennel|animal care|hatchery|mooring|harvesting|nurse|ward|'
            || 'health records|control room|laundry|dry cleaning|janitors?|linen|settlements?|'
            || 'odds|pawnshop|claims handling|fleet maintenance|(\p{L}+ )?maintenance|workshop|'
            || 'garage|repair|servicing|service station|baggage|luggage|cargo planning|flight|'
            || 'inflight|cabin( \p{L}+)?|crew|bus (route|service)|coach route|packaging|'
            || 'mail and packaging|recycling( \p{L}+)?|mine environmental|environmental mining|'
            || 'mine shifts?|business analysis|commercial analysis|performance|capability|outdoor|'
            || 'pastoral|photography|night|overnight( \p{L}+){0,2}|salon|agency dating|'
            || 'knowledge base|exchange|sales floor|assistant|trainee|graduate|junior|'
            || 'intern) (managers?|directors?|heads?) '
    ) then false
    when regexp_matches({{ title_words }}, ' (assistant|trainee|graduate|junior) (\p{L}+ ){0,4}(managers?|directors?) ') then false
    when regexp_matches(
        {{ title_words }},
        ' (manager|director) of (medical|patient|health|photography|cabin crew|'
            || 'nursing records|horticulture|a vineyard|a winery|cargo|flight|airport|'
            || 'property acquisition) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (photography|lighting|camera|casting|art|artistic movement|movement|rehearsal|'
            || 'choreography|dance|fight|fly|flying|effects|technical|layout|set up|music(al)?|'
            || 'choir|choral|film|movie|television|tv|theatre|stage|animation|funeral|editorial|'
            || 'casting|orchestra|creative|graphic|photo|location|securities( \p{L}+)?|venue|'
            || 'cabin service|customer service|cruise|lean|recycling|cultural policy|culture|'
            || 'trade development|import (and )?export|international( \p{L}+)?|excavation|'
            || 'youth centre|property acquisition( \p{L}+)?|medical records|'
            || 'private housekeeping) (directors?) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (director|head|manager) (of|for) (photography|horticulture|science|'
            || 'infrastructure projects|medical records|flight operations|airport operations|'
            || 'camera|lighting|(\p{L}+ )?workshop|wardrobe|costume|cabin crew|'
            || '(community )?nursing|(hospital )?pharmacy|technical) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (production|operations|manufacturing|industrial|plant|mine|quarry) (control |'
            || 'manufacturing )?(superintendent) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (youth( development)?|education|eu( funds| projects)?) (programme|'
            || 'program) coordinators? | coordinator of (production|operations|manufacturing|'
            || '\p{L}+ production) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (chief executive|executive director|chief (\p{L}+ ){1,3}officers?|ceo|cfo|coo|'
            || 'cto|cio|cdo|managing director|general manager|vice president|president) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        ' (supervisor|foreman|forewoman|superintendent|chef|cook|leader|lead|owner|captain|'
            || 'inspector|teacher|nurse|operator|tester|grader|artist|engineer|analyst|gardener|'
            || 'botanist|architect|coach|trader|editor|choreographer|representative|'
            || 'executive officer|officer)s? $'
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (head|lead|chief|director) (\p{L}+ )?(lumber|saw|botanist|gardener|artist|nurse|'
            || 'chef|pharmacist|operator|operative|teacher|coach|waiter|waitress|sommelier|porter|'
            || 'blogger|butler|receptionist|housekeeper|groom|brewer|distiller|cook) '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' ((ict|it|cyber) security|kitchen|galley|property|lettings?|apartment|'
            || 'residential) (manager|director)s? '
    ) then false
    when regexp_matches(
        {{ title_words }},
        ' (circus|scene|series|video|programme|radio|documentary) directors? '
    ) then false
    when regexp_matches({{ title_words }}, ' (hotelier|restaurateur|chieftain|tribal chief) ') then true
    when regexp_matches({{ title_words }}, ' (manager|managers|director|directors) ') then true
    when regexp_matches(
        {{ title_words }},
        '(leder|ledere|lederen|lederne|leiar|leiarar|leiaren|leiarane|sjef|sjefer|sjefen|'
            || 'sjefar|sjefane|direktør|direktører|direktøren|direktørar|direktørene) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        '(chef|chefen|chefer|cheferna|direktör|direktören|direktörer|rektor|borgmästare|'
            || 'kommunalråd) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        '(chef|chefen|chefer|cheferne|direktør|direktøren|direktører|borgmester|'
            || 'skoleinspektør) '
    ) then true
    when regexp_matches(
        {{ title_words }},
        '(johtaja|johtajat|päällikkö|päälliköt|rehtori|pormestari|kansanedustaja|'
            || 'ministeri) '
    ) then true
    when regexp_matches({{ title_words }}, ' head of | (division|department|unit|section|service|branch) head | head $') then true
    else false
end
{%- endmacro %}
