-- An account took up words of an offer's theme: one signal per channel, and another only
-- after 56 days without a new theme word. Quoted where the foremost of them stands.
with terms as (
    select * from {{ ref('language_terms') }}
    where is_new_term
),

theme_terms as (
    select distinct term
    from {{ ref('offer_terms') }}
),

documents as (
    select * from {{ ref('language_documents') }}
    where not is_old and before_visit_id is not null
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
),

hot_days as (
    select
        terms.account_id,
        terms.channel,
        terms.as_of,
        list(terms.term order by terms.z desc, terms.term) as top_terms,
        max(terms.z) as z_max
    from terms
    inner join theme_terms on terms.term = theme_terms.term
    group by terms.account_id, terms.channel, terms.as_of
),

steps as (
    select
        *,
        lag(as_of) over (partition by account_id, channel order by as_of) as previous_hot_day
    from hot_days
),

claims as (
    select * exclude (previous_hot_day)
    from steps
    where coalesce(as_of - previous_hot_day >= 56, true)
),

day_ends as (
    select
        account_id,
        day,
        max(fetched_at) as fetched_at
    from visits
    where is_ok and account_id is not null
    group by account_id, day
),

evidence as (
    -- The newest of the texts that hold the foremost term.
    select
        claims.*,
        documents.url,
        documents.source,
        documents.before_visit_id,
        documents.after_visit_id,
        string_split(regexp_replace(trim(documents.text), '\s+', ' ', 'g'), ' ') as words,
        left(split_part(claims.top_terms[1], '_', 1), greatest(3, length(split_part(claims.top_terms[1], '_', 1)) - 2))
            as stem,
        min(documents.first_seen_at) over claim as first_at,
        max(documents.first_seen_at) over claim as last_at
    from claims
    inner join documents
        on
            claims.account_id = documents.account_id
            and claims.channel = documents.channel
            and claims.as_of >= documents.day
            and claims.as_of - 56 < documents.day
            and list_contains(documents.terms, claims.top_terms[1])
    window claim as (partition by claims.account_id, claims.channel, claims.as_of)
    qualify
        row_number() over (
            partition by claims.account_id, claims.channel, claims.as_of
            order by documents.first_seen_at desc, documents.url, documents.document_key
        ) = 1
),

placed as (
    select
        *,
        coalesce(
            list_position(list_transform(words, w -> starts_with(lower(w), stem)), true), 1
        ) as word_no
    from evidence
),

final_cte as (
    select
        placed.account_id,
        case placed.channel when 'web' then 'website_language_shift' else 'posting_language_shift' end
            as signal_type,
        replace(array_to_string(placed.top_terms[1:3], ', '), '_', ' ') as subject,
        before_visits.fetched_at as effective_lo,
        placed.last_at as effective_hi,
        before_visits.fetched_at + (placed.last_at - before_visits.fetched_at) / 2 as effective_pt,
        -- The day's last visit to the account, or the text itself when that was read later.
        greatest(placed.last_at, day_ends.fetched_at, cast(placed.as_of as timestamp)) as known_at,
        cast(null as timestamp) as superseded_at,
        least(placed.z_max, 5.0) as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        placed.before_visit_id as before_ref,
        placed.after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        array_to_string(
            placed.words[greatest(placed.word_no - 12, 1):greatest(placed.word_no - 12, 1) + 24], ' '
        ) as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        placed.z_max as effect,
        placed.source,
        placed.url
    from placed
    inner join visits as before_visits on placed.before_visit_id = before_visits.visit_id
    left join day_ends
        on placed.account_id = day_ends.account_id and placed.as_of = day_ends.day
)

select * from final_cte
