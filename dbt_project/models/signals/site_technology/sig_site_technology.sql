-- A company's site took a technology into use, or took one away: a mark in header, cookie,
-- script or markup that readings a fortnight apart show (or a gone rule fulfilled), never
-- a mention. What a redesign brought, what a notice of consent or a tag manager may only
-- hide, and what comes and goes tells nothing.
with technologies as (
    select * from {{ ref('hist_technologies') }}
    where evidence not in ('job_text', 'page_text') and is_used
),

sightings as (
    select * from {{ ref('hist_technology_sightings') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

redesigns as (
    -- New services are what this is about: they alone make no redesign here.
    select * from {{ ref('site_redesigns') }}
    where reason <> 'technologies'
),

telling as (
    select *
    from technologies
    -- What the pages are sent by and drawn with says nothing of what the company works with.
    where category not in ('cdn', 'web_server', 'framework', 'consent', 'cloud', 'security')
),

first_days as (
    select
        account_id,
        source,
        min(fetched_at) as first_at
    from visits
    where is_ok and account_id is not null
    group by account_id, source
),

adopted as (
    select
        'technology_adopted' as signal_type,
        telling.*,
        telling.appeared_lo as effective_lo,
        telling.appeared_hi as effective_hi,
        telling.before_visit_id as before_ref,
        telling.after_visit_id as after_ref,
        min(sightings.sighted_at) as proved_at,
        telling.gone_known_at as ended_at
    from telling
    inner join sightings
        on
            telling.account_id = sightings.account_id
            and telling.source = sightings.source
            and telling.name = sightings.name
            and telling.spell_no = sightings.spell_no
            and sightings.sighted_at >= telling.appeared_hi + interval 14 day
    where not telling.is_left_censored and telling.spell_no = 1
    group by all
),

dropped as (
    select
        'technology_dropped' as signal_type,
        telling.*,
        telling.gone_lo as effective_lo,
        telling.gone_hi as effective_hi,
        telling.gone_before_visit_id as before_ref,
        telling.gone_after_visit_id as after_ref,
        telling.gone_known_at as proved_at,
        min(again.known_at) as ended_at
    from telling
    left join technologies as again
        on
            telling.account_id = again.account_id
            and telling.source = again.source
            and telling.name = again.name
            and telling.spell_no < again.spell_no
    where
        telling.gone_known_at is not null
        and telling.spell_no = 1
        and telling.gone_lo - telling.appeared_hi >= interval 28 day
    group by all
),

steps as (
    select * from adopted
    union all by name
    select * from dropped
),

counted as (
    select
        *,
        -- How many changed with it, of those proved by then.
        count(*) over (
            partition by account_id, source, signal_type, effective_hi
            order by proved_at
            range between unbounded preceding and current row
        ) as n_steps
    from steps
),

hidden as (
    -- Loaded by a tag manager, or only after consent: gone from the page, not from use.
    select distinct
        counted.account_id,
        counted.source,
        counted.name,
        counted.signal_type
    from counted
    inner join technologies as cover
        on
            counted.account_id = cover.account_id
            and counted.source = cover.source
            and counted.name <> cover.name
            and cover.known_at <= counted.proved_at
            and coalesce(cover.gone_known_at > counted.proved_at, true)
    where
        counted.signal_type = 'technology_dropped'
        and (
            (cover.name = 'Google Tag Manager' and counted.category in ('analytics', 'marketing', 'chat', 'crm'))
            or (
                cover.category = 'consent'
                and not cover.is_left_censored
                and cover.appeared_hi > counted.effective_lo - interval 28 day
                and counted.category in ('analytics', 'marketing', 'chat', 'crm')
            )
        )
),

quarantined as (
    select distinct
        counted.account_id,
        counted.source,
        counted.name,
        counted.signal_type
    from counted
    inner join redesigns
        on
            counted.account_id = redesigns.account_id
            and counted.source = redesigns.source
            and redesigns.seen_at > counted.effective_lo - interval 14 day
            and redesigns.seen_at <= counted.effective_hi + interval 14 day
            and redesigns.known_at <= counted.proved_at
),

told as (
    select counted.*
    from counted
    inner join first_days using (account_id, source)
    anti join hidden using (account_id, source, name, signal_type)
    anti join quarantined using (account_id, source, name, signal_type)
    where
        counted.n_steps <= 2
        and counted.effective_hi - counted.effective_lo <= interval 60 day
        and counted.effective_lo - first_days.first_at >= interval 21 day
),

final_cte as (
    select
        account_id,
        signal_type,
        name as subject,
        effective_lo,
        effective_hi,
        effective_lo + (effective_hi - effective_lo) / 2 as effective_pt,
        proved_at as known_at,
        case when ended_at > proved_at and ended_at <= proved_at + interval 60 day then ended_at end
            as superseded_at,
        {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        before_ref,
        after_ref,
        case when signal_type = 'technology_dropped' then {{ first_words("name || ' (' || quote || ')'") }} end
            as quote_before,
        case when signal_type = 'technology_adopted' then {{ first_words("name || ' (' || quote || ')'") }} end
            as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        cast(null as double) as effect,
        source,
        url
    from told
)

select * from final_cte
