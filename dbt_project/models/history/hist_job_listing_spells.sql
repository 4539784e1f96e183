{{ config(materialized='days', meta={'entity': ['account_id', 'source', 'spell_ref'], 'marked': true}) }}
{%- set after = last_standing_day() %}
{#- Misses told of a gap: more than the gone rule can ask for (2 + 24). -#}
{%- set told_misses = 32 -%}
-- Ads on companies' own pages and boards: one row per day on which one was listed, with what
-- followed and the spell it belongs to. Two lists without it, three days apart, close it;
-- not those of the fortnight after the site was built anew.
--
-- After new visits alone, an ad that was never missed and is on each of the new lists has but
-- its new days more, and one that has gone and stays away keeps its rows. The others are
-- judged anew.
with all_listings as not materialized (
    select * from {{ ref('hist_job_listings') }}
),

redesigns as (
    select * from {{ ref('hist_template_changes') }}
    where is_redesign
),

all_job_visits as (
    select visits.*
    from {{ ref('hist_job_visits') }} as visits
    anti join redesigns
        on
            visits.account_id = redesigns.account_id
            and visits.source = redesigns.source
            and visits.day >= redesigns.day
            and visits.day < redesigns.frozen_until
),

{% if after -%}
last_sightings as (
    {{ last_sighting_of_each('account_id, source, spell_ref') }}
),

new_listings as (
    select
        account_id,
        source,
        spell_ref,
        day
    from all_listings
    where day > date '{{ after }}'
),

new_lists as (
    select distinct
        account_id,
        source,
        day
    from all_job_visits
    where is_evidence and day > date '{{ after }}'
),

-- Not listed on a new day that is evidence, and not known to be gone.
absent as (
    select
        last_sightings.account_id,
        last_sightings.source,
        last_sightings.spell_ref
    from last_sightings
    inner join new_lists using (account_id, source)
    anti join new_listings
        on
            last_sightings.account_id = new_listings.account_id
            and last_sightings.source = new_listings.source
            and last_sightings.spell_ref = new_listings.spell_ref
            and new_lists.day = new_listings.day
    where last_sightings.last_one.gone_known_at is null
),

touched as ( -- noqa: ST03
    select
        account_id,
        source,
        spell_ref
    from absent
    union
    -- New, or back after it was missed.
    select
        new_listings.account_id,
        new_listings.source,
        new_listings.spell_ref
    from new_listings
    left join last_sightings using (account_id, source, spell_ref)
    where last_sightings.spell_ref is null or last_sightings.last_one.first_miss_at is not null
),

{% endif -%}
listings as (
    select all_listings.*
    from all_listings
    {% if after -%}
    semi join touched using (account_id, source, spell_ref)
    {%- endif %}
),

job_visits as (
    select all_job_visits.*
    from all_job_visits
    {% if after -%}
    semi join touched using (account_id, source)
    {%- endif %}
),

days as (
    -- Evidence visits are numbered: what is missing from a list is counted in them.
    select
        account_id,
        source,
        day,
        max(is_evidence) as is_evidence
    from (
        select
            job_visits.account_id,
            job_visits.source,
            job_visits.day,
            case when job_visits.is_evidence then 1 else 0 end as is_evidence
        from job_visits
        union all
        select
            listings.account_id,
            listings.source,
            listings.day,
            0 as is_evidence
        from listings
    ) as all_days
    group by account_id, source, day
),

numbered_days as (
    select
        *,
        cast(sum(is_evidence) over (
            partition by account_id, source order by day rows unbounded preceding
        ) as bigint) as evidence_no,
        cast(sum(is_evidence) over (partition by account_id, source) as bigint) as n_evidence
    from days
),

evidence as (
    select
        job_visits.account_id,
        job_visits.source,
        numbered_days.evidence_no,
        job_visits.fetched_at,
        job_visits.visit_id
    from job_visits
    inner join numbered_days
        on
            job_visits.account_id = numbered_days.account_id
            and job_visits.source = numbered_days.source
            and job_visits.day = numbered_days.day
    where job_visits.is_evidence
),

gaps as (
    -- Evidence visits after a listing and before the next one, or up to now.
    select
        listings.account_id,
        listings.source,
        listings.spell_ref,
        numbered_days.evidence_no,
        lead(numbered_days.evidence_no - numbered_days.is_evidence) over listed as before_next_no,
        numbered_days.n_evidence
    from listings
    inner join numbered_days
        on
            listings.account_id = numbered_days.account_id
            and listings.source = numbered_days.source
            and listings.day = numbered_days.day
    window
        listed as (
            partition by listings.account_id, listings.source, listings.spell_ref
            order by listings.day
        )
),

missed as (
    -- 26 misses prove the most restless job gone; of a longer gap only its end tells more.
    select
        account_id,
        source,
        spell_ref,
        unnest(
            range(
                evidence_no + 1,
                least(coalesce(before_next_no, n_evidence), evidence_no + {{ told_misses }}) + 1
            )
        ) as evidence_no
    from gaps
    where coalesce(before_next_no, n_evidence) > evidence_no
    union all
    select
        account_id,
        source,
        spell_ref,
        before_next_no as evidence_no
    from gaps
    where before_next_no > evidence_no + {{ told_misses }}
),

states as (
    select
        account_id,
        source,
        spell_ref,
        fetched_at as state_at,
        visit_id,
        1 as is_seen
    from listings
    union all
    select
        missed.account_id,
        missed.source,
        missed.spell_ref,
        evidence.fetched_at as state_at,
        evidence.visit_id,
        0 as is_seen
    from missed
    inner join evidence
        on
            missed.account_id = evidence.account_id
            and missed.source = evidence.source
            and missed.evidence_no = evidence.evidence_no
),

{{ gone_rule('states', 'account_id, source, spell_ref', misses=2, days=3, sure_days=28) }},

{% if after -%}
-- Listed again and again since: nothing more is known of them.
steady as (
    select
        all_listings.account_id,
        all_listings.source,
        all_listings.spell_ref,
        last_sightings.sighting_no + row_number() over (
            partition by all_listings.account_id, all_listings.source, all_listings.spell_ref
            order by all_listings.fetched_at
        ) as sighting_no,
        all_listings.fetched_at as sighted_at,
        last_sightings.last_one.spell_no,
        last_sightings.last_one.spell_lo_at,
        last_sightings.last_one.spell_lo_visit_id
    from all_listings
    inner join last_sightings using (account_id, source, spell_ref)
    anti join touched using (account_id, source, spell_ref)
    where all_listings.day > date '{{ after }}'
),

{% endif -%}
final_cte as (
    -- The last of many misses says nothing of the listing, and is another at every visit.
    select * exclude (last_miss_at, last_miss_visit_id)
    from spelled
    {% if after -%}
    union all by name
    select * from steady
    {%- endif %}
)

{% if after -%}
{{ marked_anew('final_cte', 'touched', 'account_id, source, spell_ref') }}
{%- else -%}
select * from final_cte
{%- endif %}
