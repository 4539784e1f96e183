{{ config(materialized='days', meta={'entity': ['account_id', 'source'], 'marked': true}) }}
{%- set after = last_standing_day() %}
-- Openings and closings of positions, from companies' own pages and boards (judged by
-- lists) and from job feeds (what the source says). One sighting opens; a closing whose position is back
-- within 30 days is superseded.
--
-- After new visits alone, an account none of whose ads came, went or came back keeps its
-- events.
with all_listings as not materialized (
    select * from {{ ref('hist_job_listings') }}
),

all_listing_spells as not materialized (
    select * from {{ ref('hist_job_listing_spells') }}
),

all_feed_ads as (
    select * from {{ ref('hist_job_feed_ads') }}
),

{% if after -%}
old_spells as (
    select
        account_id,
        source,
        spell_ref,
        spell_no
    from all_listing_spells
    where not {{ is_later('sighted_at', after) }}
),

touched as ( -- noqa: ST03
    select
        new_sightings.account_id,
        new_sightings.source
    from all_listing_spells as new_sightings
    anti join old_spells using (account_id, source, spell_ref, spell_no)
    where {{ is_later('new_sightings.sighted_at', after) }}
    union
    select
        account_id,
        source
    from all_listing_spells
    where {{ is_later('gone_known_at', after) }} or {{ is_later('gone_superseded_at', after) }}
    union
    select
        account_id,
        source
    from all_feed_ads
    where {{ is_later('known_at', after) }}
),

{% endif -%}
listings as {% if after %}not materialized {% endif %}(
    select all_listings.*
    from all_listings
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

listing_spells as {% if not after %}not materialized {% endif %}(
    select all_listing_spells.*
    from all_listing_spells
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

feed_ads as (
    select all_feed_ads.*
    from all_feed_ads
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

feed_spells as (
    select feed_spells.*
    from {{ ref('hist_job_feed_spells') }} as feed_spells
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

job_visits as (
    select job_visits.*
    from {{ ref('hist_job_visits') }} as job_visits
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

evidence_days as (
    select
        *,
        lead(fetched_at, 1, timestamp '9999-12-31') over (
            partition by account_id, source order by fetched_at
        ) as next_fetched_at
    from job_visits
    where is_evidence
),

spell_starts as (
    select
        account_id,
        source,
        spell_ref,
        spell_no,
        min(sighting_no) as sighting_no
    from listing_spells
    group by account_id, source, spell_ref, spell_no
),

-- The days between the first and the last of a spell tell nothing.
telling_spells as (
    select listing_spells.*
    from listing_spells
    left join spell_starts using (account_id, source, spell_ref, spell_no, sighting_no)
    where spell_starts.spell_no is not null or listing_spells.gone_known_at is not null
),

sighted as (
    select
        listing_spells.* exclude (sighting_no),
        listings.job_key,
        listings.visit_id,
        listings.ad_id,
        listings.title,
        listings.employer,
        listings.place,
        coalesce(listings.ad_url, listings.list_url) as url,
        {{ ad_addresses('listings.ad_url', 'listings.apply_url') }} as addresses,
        false as is_from_feed,
        listings.terms,
        listings.posted_at,
        cast(null as timestamp) as stated_closed_at
    from telling_spells as listing_spells
    inner join listings
        on
            listing_spells.account_id = listings.account_id
            and listing_spells.source = listings.source
            and listing_spells.spell_ref = listings.spell_ref
            and listing_spells.sighted_at = listings.fetched_at
    union all by name
    select
        feed_spells.* exclude (sighting_no, last_miss_at, last_miss_visit_id),
        feed_spells.ad_id as spell_ref,
        active.job_key,
        active.visit_id,
        active.title,
        active.employer,
        active.place,
        active.url,
        {{ ad_addresses('active.ad_url', 'active.apply_url') }} as addresses,
        true as is_from_feed,
        active.terms,
        active.posted_at,
        closing.modified_at as stated_closed_at
    from feed_spells
    inner join feed_ads as active
        on
            feed_spells.account_id = active.account_id
            and feed_spells.source = active.source
            and feed_spells.ad_id = active.ad_id
            and feed_spells.sighted_at = active.known_at
    left join feed_ads as closing
        on
            feed_spells.account_id = closing.account_id
            and feed_spells.source = closing.source
            and feed_spells.ad_id = closing.ad_id
            and feed_spells.gone_known_at = closing.known_at
),

spelled as (
    -- An ad keeps the key it was opened with.
    select
        sighted.* exclude (job_key, ad_id),
        first_value(sighted.job_key) over spell as job_key,
        first_value(sighted.ad_id) over spell as ad_id,
        row_number() over spell as sighting_in_spell
    from sighted
    window
        spell as (
            partition by
                sighted.account_id, sighted.source, sighted.spell_ref, sighted.spell_no
            order by sighted.sighted_at
        )
),

openings as (
    select
        spelled.account_id,
        spelled.source,
        spelled.job_key,
        spelled.spell_ref,
        spelled.spell_no,
        spelled.ad_id,
        spelled.title,
        spelled.employer,
        spelled.place,
        spelled.url,
        spelled.addresses,
        spelled.is_from_feed,
        spelled.terms,
        spelled.posted_at,
        spelled.visit_id,
        spelled.sighted_at,
        coalesce(spelled.spell_lo_at, evidence_days.fetched_at) as lo_at,
        coalesce(spelled.spell_lo_visit_id, evidence_days.visit_id) as lo_visit_id
    from spelled
    left join evidence_days
        on
            spelled.account_id = evidence_days.account_id
            and spelled.source = evidence_days.source
            and evidence_days.fetched_at < spelled.sighted_at
            and evidence_days.next_fetched_at >= spelled.sighted_at
    where spelled.sighting_in_spell = 1
),

first_lists as (
    select
        account_id,
        source,
        fetched_at,
        n_seen
    from evidence_days
    qualify row_number() over (partition by account_id, source order by fetched_at) = 1
),

after_short_lists as (
    -- Nothing is before the first list to judge its length by; what comes next is: days on
    -- which a list is so much longer that the first was shown in part.
    select
        first_lists.account_id,
        first_lists.source,
        first_lists.fetched_at as lo_at,
        job_visits.day
    from first_lists
    inner join job_visits
        on
            first_lists.account_id = job_visits.account_id
            and first_lists.source = job_visits.source
            and first_lists.fetched_at < job_visits.fetched_at
    where
        {{ is_short('first_lists.n_seen', 'job_visits.n_seen', slack=2) }}
),

first_openings as (
    select
        openings.*,
        after_short_lists.account_id is not null as is_after_short_list,
        min(openings.sighted_at) over (partition by openings.account_id, openings.source) as account_first_at,
        count(*) over (partition by openings.account_id, openings.source, openings.sighted_at)
            as n_opened_together
    from openings
    left join after_short_lists
        on
            openings.account_id = after_short_lists.account_id
            and openings.source = after_short_lists.source
            and openings.lo_at = after_short_lists.lo_at
            and cast(openings.sighted_at as date) = after_short_lists.day
),

opened as (
    select
        * exclude (account_first_at, n_opened_together, is_after_short_list),
        -- Many ads at once on a page that never listed any: the list became readable.
        lo_at is null
        or is_after_short_list
        or (
            source = 'company_pages'
            and sighted_at = account_first_at
            and n_opened_together >= 5
        ) as is_left_censored
    from first_openings
    qualify
        row_number() over (
            partition by account_id, source, job_key, sighted_at order by ad_id, spell_ref
        ) = 1
),

all_events as (
    select
        account_id,
        source,
        job_key,
        spell_ref,
        spell_no,
        ad_id,
        title,
        employer,
        place,
        url,
        addresses,
        is_from_feed,
        terms,
        'opened' as event,
        case when not is_left_censored then lo_at end as effective_lo,
        sighted_at as effective_hi,
        case
            when
                posted_at between coalesce(lo_at, posted_at) - interval 3 day
                and sighted_at + interval 3 day
                then posted_at
            when is_left_censored then sighted_at
            else lo_at + (sighted_at - lo_at) / 2
        end as effective_pt,
        posted_at,
        sighted_at as known_at,
        cast(null as timestamp) as superseded_at,
        is_left_censored,
        case when not is_left_censored then lo_visit_id end as before_visit_id,
        visit_id as after_visit_id
    from opened
    union all by name
    select
        spelled.account_id,
        spelled.source,
        opened.job_key,
        spelled.spell_ref,
        spelled.spell_no,
        opened.ad_id,
        spelled.title,
        spelled.employer,
        spelled.place,
        spelled.url,
        spelled.addresses,
        spelled.is_from_feed,
        spelled.terms,
        'closed' as event,
        spelled.sighted_at as effective_lo,
        spelled.first_miss_at as effective_hi,
        case
            when
                spelled.stated_closed_at
                between spelled.sighted_at - interval 3 day and spelled.first_miss_at
                then spelled.stated_closed_at
            else spelled.sighted_at + (spelled.first_miss_at - spelled.sighted_at) / 2
        end as effective_pt,
        spelled.gone_known_at as known_at,
        spelled.gone_superseded_at as superseded_at,
        false as is_left_censored,
        spelled.visit_id as before_visit_id,
        spelled.first_miss_visit_id as after_visit_id
    from spelled
    inner join opened
        on
            spelled.account_id = opened.account_id
            and spelled.source = opened.source
            and spelled.spell_ref = opened.spell_ref
            and spelled.spell_no = opened.spell_no
    where spelled.gone_known_at is not null
),

final_cte as (
    select
        {{ event_id([
            'all_events.account_id',
            'all_events.source',
            'all_events.job_key',
            'all_events.ad_id',
            'all_events.event',
            'all_events.effective_lo',
            'all_events.effective_hi',
        ]) }} as event_id,
        all_events.*,
        coalesce(classes.function, 'unknown') as function,
        coalesce(classes.seniority, 1) as seniority
    from all_events
    left join classes on all_events.title = classes.title
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', 'account_id, source') }}
{%- else -%}
select * from final_cte
{%- endif %}
