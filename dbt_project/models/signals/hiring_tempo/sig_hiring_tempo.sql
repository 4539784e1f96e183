-- Claimed surges and slowdowns of hiring, and every new position about an offer's theme.
with discoveries as (
    select * from {{ ref('hiring_discoveries') }}
    where is_discovery
),

measures as (
    select * from {{ ref('meas_hiring_tempo') }}
),

exposure as (
    select * from {{ ref('hiring_exposure') }}
),

openings as (
    select * from {{ ref('hiring_openings') }}
),

theme_openings as (
    select distinct event_id
    from {{ ref('theme_job_openings') }}
),

texts as (
    select * from {{ ref('hist_job_texts') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

window_titles as (
    select
        discoveries.account_id,
        discoveries.signal_type,
        discoveries.as_of,
        string_agg(distinct openings.title, '; ' order by openings.title) as titles
    from discoveries
    inner join openings
        on
            discoveries.account_id = openings.account_id
            and cast(openings.known_at as date) > discoveries.as_of - 56
            and cast(openings.known_at as date) <= discoveries.as_of
            -- Titles that may have to go are not named: counted they are.
            and openings.source not in ({{ "'" ~ var('withdrawn_text_sources') | join("', '") ~ "'" }})
    group by discoveries.account_id, discoveries.signal_type, discoveries.as_of
),

tempo as (
    select
        discoveries.account_id,
        discoveries.signal_type,
        'new positions' as subject,
        cast(discoveries.as_of - 56 as timestamp) as effective_lo,
        exposure.known_at as effective_hi,
        cast(discoveries.as_of - 56 as timestamp)
        + (exposure.known_at - cast(discoveries.as_of - 56 as timestamp)) / 2 as effective_pt,
        exposure.known_at,
        measures.value as strength,
        measures.p_value,
        measures.effect,
        exposure.before_visit_id as before_ref,
        exposure.after_visit_id as after_ref,
        {{ first_words("concat_ws(': ', measures.note, window_titles.titles)") }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        visits.source,
        visits.url
    from discoveries
    inner join measures
        on
            discoveries.account_id = measures.account_id
            and discoveries.signal_type = measures.signal_type
            and discoveries.as_of = measures.as_of
    inner join exposure
        on
            discoveries.account_id = exposure.account_id
            and discoveries.as_of = exposure.as_of
    inner join visits on exposure.after_visit_id = visits.visit_id
    left join window_titles
        on
            discoveries.account_id = window_titles.account_id
            and discoveries.signal_type = window_titles.signal_type
            and discoveries.as_of = window_titles.as_of
    -- A surge without an earlier visit to compare with is no difference.
    where exposure.before_visit_id <> exposure.after_visit_id
),

theme_jobs as (
    select
        openings.account_id,
        'theme_job_opened' as signal_type,
        openings.event_id as subject,
        openings.effective_lo,
        openings.effective_hi,
        openings.effective_pt,
        openings.known_at,
        {{ interval_weight('openings.effective_lo', 'openings.effective_hi') }} as strength,
        cast(null as double) as p_value,
        cast(null as double) as effect,
        openings.before_visit_id as before_ref,
        openings.after_visit_id as after_ref,
        case when texts.is_withdrawn then {{ withdrawn_note() }} else {{ first_words('openings.title') }} end
            as quote_after,
        openings.function,
        cast(openings.seniority as bigint) as seniority,
        openings.source,
        openings.url
    from openings
    inner join theme_openings on openings.event_id = theme_openings.event_id
    inner join texts on openings.event_id = texts.job_id
),

all_signals as (
    select * from tempo
    union all by name
    select * from theme_jobs
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
        cast(null as timestamp) as superseded_at,
        strength,
        p_value,
        'observed_act' as evidence_class,
        before_ref,
        after_ref,
        cast(null as varchar) as quote_before,
        quote_after,
        function,
        seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        effect,
        source,
        url
    from all_signals
)

select * from final_cte
