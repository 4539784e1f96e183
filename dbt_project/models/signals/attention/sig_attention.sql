-- What an account is occupied with: its share of texts about an offer's theme rose or fell
-- (claimed under false discovery control), or it used a word of the theme for the first
-- time in at least a year of reading.
with measures as (
    -- One hypothesis per account and direction; of several offers the clearest, paid for.
    select
        account_id,
        as_of,
        signal_type,
        least(1.0, min(p_value) * count(p_value)) as p_value,
        arg_min(offer, (p_value, offer)) as offer,
        arg_min(effect, (p_value, offer)) as effect,
        arg_min(note, (p_value, offer)) as note
    from {{ ref('meas_attention') }}
    where p_value is not null
    group by account_id, as_of, signal_type
),

discoveries as (
    select * from {{ ref('attention_discoveries') }}
    where is_discovery
),

documents as (
    select
        *,
        string_split(regexp_replace(trim(text), '\s+', ' ', 'g'), ' ') as words
    from {{ ref('attention_documents') }}
    where len(found) > 0 or not is_old
),

visits as (
    select * from {{ ref('hist_visits') }}
),

themes as (
    select
        offer,
        list(distinct term) as words
    from {{ ref('offer_terms') }}
    group by offer
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

claims as (
    select
        discoveries.account_id,
        discoveries.signal_type,
        discoveries.as_of,
        measures.p_value,
        measures.offer,
        measures.effect,
        measures.note,
        themes.words as theme_words
    from discoveries
    inner join measures
        on
            discoveries.account_id = measures.account_id
            and discoveries.signal_type = measures.signal_type
            and discoveries.as_of = measures.as_of
    inner join themes on measures.offer = themes.offer
),

mentions as (
    -- A rise is shown by its newest text about the theme, a drop by the last one there was.
    select
        claims.*,
        documents.found,
        documents.words,
        documents.source,
        documents.url,
        documents.first_seen_at,
        documents.after_visit_id,
        documents.before_visit_id
    from claims
    inner join documents
        on
            claims.account_id = documents.account_id
            and claims.as_of >= documents.day
            and list_has_any(documents.found, claims.theme_words)
            and (claims.signal_type = 'topic_attention_drop' or claims.as_of - 56 < documents.day)
            and (claims.signal_type = 'topic_attention_drop' or not documents.is_old)
    where documents.before_visit_id is not null or claims.signal_type = 'topic_attention_drop'
    qualify
        row_number() over (
            partition by claims.account_id, claims.signal_type, claims.as_of
            order by documents.first_seen_at desc, documents.url, documents.document_key
        ) = 1
),

latest_new as (
    select
        claims.account_id,
        claims.as_of,
        arg_max(documents.after_visit_id, (documents.first_seen_at, documents.document_key)) as after_visit_id
    from claims
    inner join documents
        on
            claims.account_id = documents.account_id
            and claims.as_of >= documents.day
            and claims.as_of - 56 < documents.day
            and not documents.is_old
    where claims.signal_type = 'topic_attention_drop'
    group by claims.account_id, claims.as_of
),

shifts as (
    select
        mentions.account_id,
        mentions.signal_type,
        mentions.offer || ': ' || replace(mentions.found[1], '_', ' ') as subject,
        cast(mentions.as_of - 56 as timestamp) as effective_lo,
        coalesce(day_ends.fetched_at, cast(mentions.as_of as timestamp)) as known_at,
        least(abs(mentions.effect), 5.0) as strength,
        mentions.p_value,
        case
            when mentions.signal_type = 'topic_attention_rise' then mentions.before_visit_id
            else mentions.after_visit_id
        end as before_ref,
        coalesce(latest_new.after_visit_id, mentions.after_visit_id) as after_ref,
        case
            when mentions.signal_type = 'topic_attention_drop'
                then {{ first_words("array_to_string(mentions.words, ' ')") }}
        end as quote_before,
        {{ first_words(
            "mentions.note || case when mentions.signal_type = 'topic_attention_rise' "
            "then ': ' || array_to_string(mentions.words, ' ') else '' end"
        ) }} as quote_after,
        mentions.effect,
        mentions.source,
        mentions.url
    from mentions
    left join day_ends on mentions.account_id = day_ends.account_id and mentions.as_of = day_ends.day
    left join latest_new
        on
            mentions.signal_type = 'topic_attention_drop'
            and mentions.account_id = latest_new.account_id
            and mentions.as_of = latest_new.as_of
),

channel_days as (
    select
        account_id,
        channel,
        language,
        min(day) as first_day
    from {{ ref('attention_documents') }}
    group by account_id, channel, language
),

uses as (
    select
        documents.* exclude (found),
        unnest(documents.found) as term
    from documents
),

firsts as (
    select *
    from uses
    qualify
        row_number() over (
            partition by account_id, term
            -- What is said in the press or an ad the same day is said there, not on the page.
            order by day, is_old desc, channel <> 'press', channel <> 'jobs', first_seen_at, url, document_key
        ) = 1
),

page_visits as not materialized (
    select * from {{ ref('hist_page_visits') }}
),

watched_firsts as (
    select firsts.*
    from firsts
    inner join channel_days
        on
            firsts.account_id = channel_days.account_id
            and firsts.channel = channel_days.channel
            and firsts.language = channel_days.language
    where
        not firsts.is_old
        and firsts.before_visit_id is not null
        and firsts.day - channel_days.first_day >= 365
),

headlines as (
    select
        account_id,
        known_at,
        lower(title) as title
    from {{ ref('hist_announcements') }}
    where length(title) >= 15
),

core_firsts as (
    -- A headline that is shown on a page is news, not the page's own words.
    select watched_firsts.*
    from watched_firsts
    inner join page_visits on watched_firsts.after_visit_id = page_visits.visit_id
    where
        watched_firsts.channel = 'web'
        and page_visits.scope not in ('news', 'careers', 'job')
        and not exists (
            select 1
            from headlines
            where
                headlines.account_id = watched_firsts.account_id
                and headlines.known_at <= watched_firsts.first_seen_at
                and (
                    contains(lower(watched_firsts.text), headlines.title)
                    or contains(headlines.title, lower(watched_firsts.text))
                )
        )
),

page_words as (
    select
        core_firsts.account_id,
        core_firsts.term,
        min(page_visits.fetched_at) as confirmed_at
    from core_firsts
    inner join page_visits
        on
            core_firsts.account_id = page_visits.account_id
            and core_firsts.source = page_visits.source
            and core_firsts.url = page_visits.url
            and core_firsts.first_seen_at + interval 14 day <= page_visits.fetched_at
            and core_firsts.first_seen_at + interval 56 day >= page_visits.fetched_at
    inner join {{ ref('stg_observed__pages') }} as pages
        on
            page_visits.source = pages.source
            and page_visits.url = pages.url
            and page_visits.payload_digest = pages.payload_digest
            and page_visits.parser_version = pages.parser_version
    where len(list_filter(pages.blocks, b -> b.role = 'main' and list_contains(b.terms, core_firsts.term))) > 0
    group by core_firsts.account_id, core_firsts.term
),

confirmed_firsts as (
    select
        core_firsts.*,
        page_words.confirmed_at
    from core_firsts
    inner join page_words on core_firsts.account_id = page_words.account_id and core_firsts.term = page_words.term
    union all
    select
        *,
        first_seen_at as confirmed_at
    from watched_firsts
    where channel <> 'web'
),

first_uses as (
    select
        account_id,
        confirmed_at,
        after_visit_id,
        string_agg(replace(term, '_', ' '), ', ' order by term) as subject,
        min(term) as foremost,
        min(first_seen_at) as first_seen_at,
        min(before_visit_id) as before_visit_id,
        min(url) as url,
        min(source) as source,
        arg_min(words, term) as words
    from confirmed_firsts
    group by account_id, confirmed_at, after_visit_id
),

placed as (
    select
        *,
        greatest(
            coalesce(
                list_position(
                    list_transform(
                        words,
                        w -> starts_with(
                            lower(w),
                            left(
                                split_part(foremost, '_', 1),
                                greatest(3, length(split_part(foremost, '_', 1)) - 2)
                            )
                        )
                    ),
                    true
                ),
                1
            ) - 12,
            1
        ) as from_word
    from first_uses
),

first_signals as (
    select
        placed.account_id,
        'term_first_use' as signal_type,
        placed.subject,
        before_visits.fetched_at as effective_lo,
        placed.first_seen_at as effective_hi,
        placed.confirmed_at as known_at,
        1.0 as strength,
        cast(null as double) as p_value,
        placed.before_visit_id as before_ref,
        placed.after_visit_id as after_ref,
        cast(null as varchar) as quote_before,
        array_to_string(placed.words[placed.from_word:placed.from_word + 24], ' ') as quote_after,
        cast(null as double) as effect,
        placed.source,
        placed.url
    from placed
    inner join visits as before_visits on placed.before_visit_id = before_visits.visit_id
),

all_signals as (
    select
        *,
        known_at as effective_hi
    from shifts
    union all by name
    select * from first_signals
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_lo + (effective_hi - effective_lo) / 2 as effective_pt,
        known_at,
        cast(null as timestamp) as superseded_at,
        strength,
        p_value,
        'observed_act' as evidence_class,
        before_ref,
        after_ref,
        quote_before,
        quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        effect,
        source,
        url
    from all_signals
)

select * from final_cte
