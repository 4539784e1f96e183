-- Skills that ads name, one row per ad and skill: whether the ad asks for it or would only
-- like to have it ("en fordel", "nice to have") is read from its text where there is one.
with ad_events as (
    select * from {{ ref('hist_job_ad_events') }}
    where event = 'opened'
),

skills as (
    select * from {{ ref('job_skills') }}
),

ad_texts as (
    select * from {{ ref('hiring_ad_texts') }}
),

mentions as (
    select
        event_id,
        account_id,
        known_at,
        is_left_censored,
        title,
        unnest(list_distinct(terms)) as term
    from ad_events
),

named as (
    select distinct
        mentions.event_id,
        mentions.account_id,
        mentions.known_at,
        mentions.is_left_censored,
        mentions.title,
        skills.skill,
        ' ' || trim({{ title_words('skills.phrase') }}) as phrase
    from mentions
    inner join skills on mentions.term = skills.term
),

read_texts as (
    select
        named.event_id,
        named.skill,
        named.phrase,
        -- A name in another form than ours is not looked for.
        bool_or(
            contains({{ title_words(required_words('ad_texts.description')) }}, named.phrase)
            or not contains({{ title_words('ad_texts.description') }}, named.phrase)
        ) as is_required_there
    from named
    inner join ad_texts on named.event_id = ad_texts.event_id
    -- The text as it was when the terms were read.
    where ad_texts.known_at = named.known_at
    group by named.event_id, named.skill, named.phrase
),

final_cte as (
    select
        named.event_id,
        named.account_id,
        named.skill,
        named.known_at,
        bool_or(named.is_left_censored) as is_left_censored,
        bool_or(
            coalesce(read_texts.is_required_there, true)
            or contains({{ title_words('named.title') }}, named.phrase)
        ) as is_required
    from named
    left join read_texts
        on
            named.event_id = read_texts.event_id
            and named.skill = read_texts.skill
            and named.phrase = read_texts.phrase
    group by named.event_id, named.account_id, named.skill, named.known_at
)

select * from final_cte
