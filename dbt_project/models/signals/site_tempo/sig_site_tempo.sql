-- Claimed changes of tempo: core pages rewritten more often than usual, news published more
-- or less often. Claimed by false discovery control (SCIENCE 2.9), each direction a class of
-- its own, and only with a baseline of the company's own and a change worth the telling.
with tails as (
    select * from {{ ref('site_tempo_tails') }}
    where p_up is not null and has_baseline
),

items as (
    select * from {{ ref('site_tempo_items') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
),

discoveries as (
    select * from {{ ref('site_tempo_discoveries') }}
    where is_discovery
),

claims as (
    select
        tails.*,
        discoveries.class,
        case when discoveries.class = 'publishing less' then tails.p_down else tails.p_up end as p_value
    from discoveries
    inner join tails
        on
            discoveries.account_id = tails.account_id
            and discoveries.as_of = tails.as_of
            and split_part(discoveries.class, ' ', 1) = tails.series
    where tails.before_visit_id <> tails.after_visit_id
),

named as (
    select
        claims.account_id,
        claims.class,
        claims.as_of,
        string_agg(distinct items.title, '; ' order by items.title) as titles
    from claims
    inner join items
        on
            claims.account_id = items.account_id
            and claims.series = items.series
            and cast(items.known_at as date) > claims.as_of - 56
            and cast(items.known_at as date) <= claims.as_of
    group by claims.account_id, claims.class, claims.as_of
),

final_cte as (
    select
        claims.account_id,
        case claims.series when 'edits' then 'site_edit_tempo_change' else 'publishing_tempo_change' end
            as signal_type,
        claims.class as subject,
        cast(claims.as_of - 56 as timestamp) as effective_lo,
        claims.known_at as effective_hi,
        cast(claims.as_of - 56 as timestamp)
        + (claims.known_at - cast(claims.as_of - 56 as timestamp)) / 2 as effective_pt,
        claims.known_at,
        cast(null as timestamp) as superseded_at,
        least(-log10(claims.p_value), 4.0) as strength,
        claims.p_value,
        'observed_act' as evidence_class,
        claims.before_visit_id as before_ref,
        claims.after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        {{ first_words(
            "concat_ws(': ', claims.n_window || ' on ' || cast(round(claims.n_expected, 1) as varchar) "
            "|| ' expected', named.titles)"
        ) }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        claims.effect,
        visits.source,
        visits.url
    from claims
    inner join visits on claims.after_visit_id = visits.visit_id
    left join named
        on
            claims.account_id = named.account_id
            and claims.class = named.class
            and claims.as_of = named.as_of
)

select * from final_cte
