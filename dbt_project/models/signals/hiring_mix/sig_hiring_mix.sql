{#- What is the first of its kind needs a year of watching (SIGNALS 5D). -#}
{%- set first_of_kind_days = 365 -%}
-- What the ads of an account together say: a function that takes a larger share of the new
-- positions than before, a skill that a larger share of them asks for, both claimed under
-- false discovery control, and a skill asked for in two ads within 120 days that no ad named
-- in a year of watching before.
with recursive tails as (
    select * from {{ ref('hiring_mix_tails') }}
),

skill_tails as (
    select * from {{ ref('hiring_skill_tails') }}
),

exposure as (
    select * from {{ ref('hiring_exposure') }}
),

openings as (
    select * from {{ ref('hiring_openings') }}
),

job_texts as (
    select * from {{ ref('hist_job_texts') }}
),

ad_skills as (
    select * from {{ ref('hiring_ad_skills') }}
),

ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
    where event = 'opened'
),

job_visits as (
    select * from {{ ref('hist_job_visits') }}
    where is_evidence
),

agencies as (
    select * from {{ ref('hiring_agencies') }}
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
),

-- The most surprising function of an account speaks for it.
oddest as (
    select *
    from tails
    qualify row_number() over (partition by account_id, as_of order by p_value, function) = 1
),

watched as (
    select
        account_id,
        min(fetched_at) as since_at
    from job_visits
    group by account_id
),

skill_measures as (
    select
        skill_tails.account_id,
        skill_tails.skill as topic,
        skill_tails.as_of,
        'skill_emergence' as signal_type,
        case
            when
                skill_tails.n_window >= 3 and skill_tails.n_days >= 2
                and skill_tails.share - skill_tails.expected_share >= 0.15
                -- A skill no ad named before is told of by its second ad, below.
                and skill_tails.n_baseline >= 1
                then skill_tails.p_value
            else 1.0
        end as p_value
    from skill_tails
    inner join exposure
        on skill_tails.account_id = exposure.account_id and skill_tails.as_of = exposure.as_of
    inner join watched on skill_tails.account_id = watched.account_id
    where
        exposure.days_window >= 28
        and exposure.days_baseline >= 112
        and skill_tails.as_of - cast(watched.since_at as date) >= {{ first_of_kind_days }}
),

{{ discoveries('skill_measures', keys=['account_id', 'topic']) }},

mix_discoveries as (
    select * from {{ ref('hiring_mix_discoveries') }}
    where is_discovery
),

skill_discoveries as (
    select * from discoveries
),

window_titles as (
    select
        mix_discoveries.account_id,
        mix_discoveries.as_of,
        string_agg(distinct openings.title, '; ' order by openings.title) as titles
    from mix_discoveries
    inner join oddest
        on mix_discoveries.account_id = oddest.account_id and mix_discoveries.as_of = oddest.as_of
    inner join openings
        on
            mix_discoveries.account_id = openings.account_id
            and oddest.function = openings.function
            and cast(openings.known_at as date) > mix_discoveries.as_of - 91
            and cast(openings.known_at as date) <= mix_discoveries.as_of
            -- Titles that may have to go are not named: counted they are.
            and openings.source not in ({{ "'" ~ var('withdrawn_text_sources') | join("', '") ~ "'" }})
    group by mix_discoveries.account_id, mix_discoveries.as_of
),

mixes as (
    select
        mix_discoveries.account_id,
        'role_mix_shift' as signal_type,
        oddest.function as subject,
        cast(mix_discoveries.as_of - 91 as timestamp) as effective_lo,
        exposure.known_at as effective_hi,
        cast(mix_discoveries.as_of - 91 as timestamp)
        + (exposure.known_at - cast(mix_discoveries.as_of - 91 as timestamp)) / 2 as effective_pt,
        exposure.known_at,
        least(-log10(oddest.p_value), 4.0) / 4 as strength,
        oddest.p_value,
        exposure.before_visit_id as before_ref,
        exposure.after_visit_id as after_ref,
        oddest.n_baseline || ' of ' || oddest.all_baseline || ' new positions' as quote_before,
        concat_ws(
            ': ', oddest.n_window || ' of ' || oddest.all_window || ' new positions', window_titles.titles
        ) as quote_after,
        oddest.function,
        cast(null as bigint) as seniority,
        oddest.share - oddest.expected_share as effect,
        visits.source,
        visits.url
    from mix_discoveries
    inner join oddest
        on mix_discoveries.account_id = oddest.account_id and mix_discoveries.as_of = oddest.as_of
    inner join exposure
        on mix_discoveries.account_id = exposure.account_id and mix_discoveries.as_of = exposure.as_of
    inner join visits on exposure.after_visit_id = visits.visit_id
    left join window_titles
        on mix_discoveries.account_id = window_titles.account_id and mix_discoveries.as_of = window_titles.as_of
    where exposure.before_visit_id <> exposure.after_visit_id
),

rising_skills as (
    select
        skill_discoveries.account_id,
        'skill_emergence' as signal_type,
        skill_tails.skill as subject,
        cast(skill_discoveries.as_of - 91 as timestamp) as effective_lo,
        exposure.known_at as effective_hi,
        cast(skill_discoveries.as_of - 91 as timestamp)
        + (exposure.known_at - cast(skill_discoveries.as_of - 91 as timestamp)) / 2 as effective_pt,
        exposure.known_at,
        least(-log10(skill_tails.p_value), 4.0) / 4 as strength,
        skill_tails.p_value,
        exposure.before_visit_id as before_ref,
        exposure.after_visit_id as after_ref,
        skill_tails.n_baseline || ' of ' || skill_tails.all_baseline || ' new positions' as quote_before,
        skill_tails.n_window || ' of ' || skill_tails.all_window || ' new positions, before '
        || skill_tails.n_baseline || ' of ' || skill_tails.all_baseline as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        skill_tails.share - skill_tails.expected_share as effect,
        visits.source,
        visits.url
    from skill_discoveries
    inner join skill_tails
        on
            skill_discoveries.account_id = skill_tails.account_id
            and skill_discoveries.as_of = skill_tails.as_of
            and skill_discoveries.topic = skill_tails.skill
    inner join exposure
        on skill_discoveries.account_id = exposure.account_id and skill_discoveries.as_of = exposure.as_of
    inner join visits on exposure.after_visit_id = visits.visit_id
    where exposure.before_visit_id <> exposure.after_visit_id
),

ads_so_far as (
    -- Ads with a text, so that a word that was not there could have been.
    select
        account_id,
        known_at,
        max(n_texts) as n_texts
    from (
        select
            account_id,
            known_at,
            count(*) over (
                partition by account_id order by known_at range between unbounded preceding and current row
            ) as n_texts
        from ad_events
        where len(terms) >= 20
    ) as counted
    group by account_id, known_at
),

skill_uses as (
    select
        ad_skills.*,
        min(ad_skills.known_at) over (partition by ad_skills.account_id, ad_skills.skill) as first_at
    from ad_skills
),

asked_openings as (
    -- Positions of the account's own that ask for the skill, in the order they came.
    select
        skill_uses.account_id,
        skill_uses.skill,
        skill_uses.first_at,
        openings.event_id,
        openings.title,
        openings.effective_lo,
        openings.effective_hi,
        openings.effective_pt,
        openings.known_at,
        openings.before_visit_id,
        openings.after_visit_id,
        openings.function,
        openings.source,
        openings.url,
        row_number() over in_turn as use_no,
        first_value(openings.known_at) over in_turn as first_asked_at,
        first_value(openings.before_visit_id) over in_turn as first_before_visit_id,
        first_value(openings.title) over in_turn as first_title
    from skill_uses
    inner join openings on skill_uses.event_id = openings.event_id
    where skill_uses.is_required
    window
        in_turn as (
            partition by skill_uses.account_id, skill_uses.skill order by openings.known_at, openings.event_id
        )
),

new_skills as (
    select
        asked_openings.*,
        case when job_texts.is_withdrawn then {{ withdrawn_note() }} else asked_openings.title end as shown_title
    from asked_openings
    inner join job_texts on asked_openings.event_id = job_texts.job_id
    inner join watched on asked_openings.account_id = watched.account_id
    inner join ads_so_far
        on
            asked_openings.account_id = ads_so_far.account_id
            and ads_so_far.known_at < asked_openings.first_asked_at
    left join agencies
        on asked_openings.account_id = agencies.account_id and asked_openings.known_at >= agencies.known_at
    where
        agencies.account_id is null
        and asked_openings.use_no = 2
        -- No ad named it before, not even as a wish.
        and asked_openings.first_at >= asked_openings.first_asked_at
        and asked_openings.known_at - asked_openings.first_asked_at <= interval 120 day
        and asked_openings.first_asked_at - watched.since_at >= interval {{ first_of_kind_days }} day
    qualify
        row_number() over (
            partition by asked_openings.account_id, asked_openings.skill order by ads_so_far.known_at desc
        ) = 1
        and ads_so_far.n_texts >= 3
),

emergences as (
    select
        account_id,
        'skill_emergence' as signal_type,
        skill as subject,
        effective_lo,
        effective_hi,
        effective_pt,
        known_at,
        {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        cast(null as double) as p_value,
        coalesce(first_before_visit_id, before_visit_id) as before_ref,
        after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        shown_title as quote_after,
        function,
        cast(null as bigint) as seniority,
        cast(null as double) as effect,
        source,
        url
    from new_skills
),

all_signals as (
    select * from mixes
    union all by name
    select * from emergences
    union all by name
    select * from rising_skills
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
        {{ first_words('quote_before') }} as quote_before,
        {{ first_words('quote_after') }} as quote_after,
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
