-- Leading roles before anybody holds them, and roles that are the first of their kind: ads
-- with the title of a leader, and a kind of role never shown by the company in a year of
-- watching, whatever language or synonym it was called by.
{%- set first_of_kind_days = 365 %}
with openings as (
    select * from {{ ref('hiring_openings') }}
),

ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
),

texts as (
    select * from {{ ref('hist_job_texts') }}
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
),

moves as (
    select * from {{ ref('leadership_moves') }}
),

people_titles as (
    select * from {{ ref('hist_people_titles') }}
),

sightings as (
    select * from {{ ref('hist_people_sightings') }}
),

lists as (
    select * from {{ ref('hist_people_lists') }}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

registry as (
    select * from {{ ref('hist_registry') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

agencies as (
    -- Who finds staff for others advertises the leaders of others.
    select
        account_id,
        min(known_at) as known_at
    from registry
    where field = 'industry_code' and value like '78%' and is_sub_unit is not true
    group by account_id
),

leader_ads as (
    select
        openings.account_id,
        openings.event_id,
        openings.title,
        openings.function,
        openings.seniority,
        openings.source,
        openings.url,
        openings.effective_lo,
        openings.effective_hi,
        openings.effective_pt,
        openings.known_at,
        openings.before_visit_id,
        openings.after_visit_id,
        classes.role_kinds,
        case when texts.is_withdrawn then {{ withdrawn_note() }} else {{ first_words('openings.title') }} end
            as quote_after
    from openings
    inner join classes on openings.title = classes.title
    inner join texts on openings.event_id = texts.job_id
    left join agencies
        on openings.account_id = agencies.account_id and openings.known_at >= agencies.known_at
    where
        agencies.account_id is null
        and openings.seniority between 2 and 4
        and (openings.seniority >= 3 or (openings.function <> 'unknown' and classes.is_manager))
        and not classes.is_during_leave
        -- Who leads a shop, a project or an account leads no function.
        and not regexp_matches(
            {{ title_words('openings.title') }},
            ' (project|product|program|programme|account|key account|case|community|campaign|office|shift|store'
            || '|shop|restaurant|site|delivery|success|partner|customer success|assistant|deputy store) managers? '
            || '|(butikk|prosjekt|produkt|team|kunde|avdelings|gruppe|skift|lag|restaurant|hotell|kontor|nestled'
            || '|butiks|projekt|kund|grupp|salongs)(sjef|leder|leiar|chef|ledare) '
        )
        -- On behalf of somebody who is not named.
        and not regexp_matches(
            {{ title_words('openings.title') }},
            ' (vår|vores|our) (kunde|klient|oppdragsgiver|oppdragsgjevar|kund|client|uppdragsgivare) '
            || '| (anonym|konfidensiell|konfidensielt|confidential|undisclosed) '
        )
),

advertised as (
    select
        account_id,
        'leader_role_advertised' as signal_type,
        concat_ws(':', function, seniority, event_id) as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        before_visit_id,
        after_visit_id,
        cast(null as varchar) as quote_before,
        quote_after,
        function,
        seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        source,
        url
    from leader_ads
),

-- Every title the company was ever seen to use, of people and of ads.
used_titles as (
    select
        account_id,
        title,
        min(sighted_at) as first_at
    from sightings
    group by account_id, title
    union all
    select
        account_id,
        title,
        min(effective_hi) as first_at
    from ad_events
    where event = 'opened'
    group by account_id, title
),

used_kinds as (
    select
        used_titles.account_id,
        unnest(classes.role_kinds) as role_kind,
        used_titles.first_at
    from used_titles
    inner join classes on used_titles.title = classes.title
),

first_uses as (
    select
        account_id,
        role_kind,
        min(first_at) as first_at
    from used_kinds
    group by account_id, role_kind
),

watched as (
    select
        account_id,
        'people' as what,
        min(fetched_at) as since_at
    from lists
    where is_evidence
    group by account_id
    union all
    select
        account_id,
        'ads' as what,
        min(fetched_at) as since_at
    from job_visits
    where is_evidence
    group by account_id
),

role_holders as (
    -- Leaders who came, and people whose title became that of a leader.
    select
        account_id,
        person_title as title,
        person_key as holder,
        person_name,
        function,
        seniority,
        source,
        url,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_visit_id,
        after_visit_id,
        quote_before,
        quote_after
    from moves
    where event = 'appeared' and origin = 'external' and not is_interim
    union all by name
    select
        people_titles.account_id,
        people_titles.title,
        people_titles.person_key as holder,
        people_titles.name as person_name,
        people_titles.function,
        people_titles.seniority,
        people_titles.source,
        people_titles.url,
        visits.fetched_at as effective_lo,
        people_titles.valid_from as effective_hi,
        visits.fetched_at + (people_titles.valid_from - visits.fetched_at) / 2 as effective_pt,
        people_titles.known_at,
        people_titles.reworded_known_at as superseded_at,
        people_titles.before_visit_id,
        people_titles.after_visit_id,
        people_titles.quote_before,
        people_titles.quote_after
    from people_titles
    inner join visits on people_titles.before_visit_id = visits.visit_id
    where
        people_titles.version_no > 1
        and people_titles.seniority between 2 and 4
        and not people_titles.is_interim
        and coalesce(people_titles.reworded_known_at > people_titles.known_at, true)
),

role_candidates as (
    select
        role_holders.* exclude (title),
        role_holders.title as person_title,
        classes.role_kinds,
        'people' as what
    from role_holders
    inner join classes on role_holders.title = classes.title
    where not classes.is_during_leave
    union all by name
    select
        account_id,
        event_id as holder,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        function,
        seniority,
        source,
        url,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        before_visit_id,
        after_visit_id,
        cast(null as varchar) as quote_before,
        quote_after,
        role_kinds,
        'ads' as what
    from leader_ads
),

unused as (
    -- All kinds of the title are new, and the company was watched for a year before.
    select
        role_candidates.*,
        array_to_string(list_sort(role_candidates.role_kinds), '+') as kinds
    from role_candidates
    inner join watched
        on
            role_candidates.account_id = watched.account_id
            and role_candidates.what = watched.what
            and role_candidates.effective_hi - watched.since_at >= interval {{ first_of_kind_days }} day
    anti join first_uses
        on
            role_candidates.account_id = first_uses.account_id
            and list_contains(role_candidates.role_kinds, first_uses.role_kind)
            and first_uses.first_at < role_candidates.effective_hi
    where len(role_candidates.role_kinds) > 0
),

first_of_kind as (
    select
        account_id,
        'new_role_first_of_kind' as signal_type,
        concat_ws(':', kinds, holder) as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        before_visit_id,
        after_visit_id,
        quote_before,
        quote_after,
        function,
        seniority,
        person_name,
        person_title,
        source,
        url
    from unused
    qualify
        row_number() over (
            partition by account_id, kinds order by known_at, seniority desc, holder
        ) = 1
),

all_signals as (
    select * from advertised
    union all by name
    select * from first_of_kind
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        superseded_at,
        case seniority when 4 then 1.0 when 3 then 0.8 else 0.4 end
        * 0.8
        * {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        before_visit_id as before_ref,
        after_visit_id as after_ref,
        quote_before,
        quote_after,
        function,
        cast(seniority as bigint) as seniority,
        person_name,
        person_title,
        cast(null as double) as effect,
        source,
        url
    from all_signals
)

select * from final_cte
