-- Technologies of an account: one row per spell in which its site showed a mark of one
-- (proved by a second sighting at least 24 hours later, gone by the gone rule), and one row
-- per way in which texts speak of one, from the first text that does. A text that is taken
-- down says nothing about the use: such rows never end.
with sightings as (
    select * from {{ ref('hist_technology_sightings') }}
),

visits as not materialized (
    select * from {{ ref('hist_visits') }}
    where is_ok and parser_version is not null
),

technologies as (
    select * exclude (landed_file, row_digest) from {{ ref('stg_observed__technologies') }}
    where evidence in ('job_text', 'page_text')
),

feed_ads as (
    select * from {{ ref('hist_job_feed_ads') }}
),

spells as (
    select
        account_id,
        source,
        name,
        spell_no,
        min(sighted_at) as first_at,
        max(sighted_at) as last_at
    from sightings
    group by account_id, source, name, spell_no
),

proofs as (
    select
        spells.account_id,
        spells.source,
        spells.name,
        spells.spell_no,
        spells.first_at,
        spells.last_at,
        min(sightings.sighted_at) as proved_at
    from spells
    inner join sightings
        on
            spells.account_id = sightings.account_id
            and spells.source = sightings.source
            and spells.name = sightings.name
            and spells.spell_no = sightings.spell_no
            and sightings.sighted_at >= spells.first_at + interval 24 hour
    group by all
),

site_spells as (
    select
        proofs.account_id,
        proofs.source,
        proofs.name,
        first_sighting.category,
        first_sighting.evidence,
        true as is_used,
        false as is_phased_out,
        proofs.spell_no,
        first_sighting.url,
        first_sighting.quote,
        -- A page that was never read before may have shown it for years.
        coalesce(first_sighting.spell_lo_at, first_sighting.previous_read_at) as appeared_lo,
        proofs.first_at as appeared_hi,
        case when last_sighting.gone_known_at >= proofs.proved_at then proofs.last_at end as gone_lo,
        case when last_sighting.gone_known_at >= proofs.proved_at then last_sighting.first_miss_at end
            as gone_hi,
        proofs.proved_at as known_at,
        case when last_sighting.gone_known_at >= proofs.proved_at then last_sighting.gone_known_at end
            as gone_known_at,
        coalesce(first_sighting.spell_lo_at, first_sighting.previous_read_at) is null
            as is_left_censored,
        coalesce(first_sighting.spell_lo_visit_id, first_sighting.previous_visit_id)
            as before_visit_id,
        first_sighting.visit_id as after_visit_id,
        case when last_sighting.gone_known_at >= proofs.proved_at then last_sighting.visit_id end
            as gone_before_visit_id,
        case
            when last_sighting.gone_known_at >= proofs.proved_at then last_sighting.first_miss_visit_id
        end as gone_after_visit_id
    from proofs
    inner join sightings as first_sighting
        on
            proofs.account_id = first_sighting.account_id
            and proofs.source = first_sighting.source
            and proofs.name = first_sighting.name
            and proofs.first_at = first_sighting.sighted_at
    inner join sightings as last_sighting
        on
            proofs.account_id = last_sighting.account_id
            and proofs.source = last_sighting.source
            and proofs.name = last_sighting.name
            and proofs.last_at = last_sighting.sighted_at
),

text_readings as (
    select
        visits.account_id,
        technologies.*,
        visits.fetched_at,
        visits.visit_id,
        min(visits.fetched_at) over (
            partition by visits.account_id, visits.source, visits.url
        ) as page_first_at
    from visits
    inner join technologies
        on
            visits.source = technologies.source
            and visits.url = technologies.url
            and visits.payload_digest = technologies.payload_digest
            and visits.parser_version = technologies.parser_version
),

owners as (
    -- Whose ad it is, from when on that is known.
    select
        account_id,
        source,
        ad_id,
        min(known_at) as known_at
    from feed_ads
    group by account_id, source, ad_id
),

owned_readings as (
    select
        account_id,
        source,
        name,
        category,
        evidence,
        is_used,
        is_phased_out,
        url,
        quote,
        fetched_at,
        visit_id
    from text_readings
    where account_id is not null
    union all
    select
        owners.account_id,
        readings.source,
        readings.name,
        readings.category,
        readings.evidence,
        readings.is_used,
        readings.is_phased_out,
        readings.url,
        readings.quote,
        greatest(readings.fetched_at, owners.known_at) as fetched_at,
        readings.visit_id
    from text_readings as readings
    inner join owners
        on readings.source = owners.source and readings.ad_id = owners.ad_id
    where readings.account_id is null
),

account_starts as (
    select
        account_id,
        source,
        min(fetched_at) as first_at
    from visits
    where account_id is not null
    group by account_id, source
),

text_firsts as (
    select
        readings.*,
        account_starts.first_at as account_first_at
    from owned_readings as readings
    left join account_starts
        on
            readings.account_id = account_starts.account_id
            and readings.source = account_starts.source
    qualify
        row_number() over (
            partition by
                readings.account_id, readings.source, readings.name, readings.evidence,
                readings.is_used, readings.is_phased_out
            order by readings.fetched_at, readings.url, readings.visit_id, readings.quote
        ) = 1
),

final_cte as (
    select * from site_spells
    union all by name
    select
        account_id,
        source,
        name,
        category,
        evidence,
        is_used,
        is_phased_out,
        cast(1 as bigint) as spell_no,
        url,
        quote,
        cast(null as timestamp) as appeared_lo,
        fetched_at as appeared_hi,
        cast(null as timestamp) as gone_lo,
        cast(null as timestamp) as gone_hi,
        fetched_at as known_at,
        cast(null as timestamp) as gone_known_at,
        -- What the first visits find was there before.
        coalesce(fetched_at - account_first_at < interval 24 hour, false) as is_left_censored,
        cast(null as varchar) as before_visit_id,
        visit_id as after_visit_id,
        cast(null as varchar) as gone_before_visit_id,
        cast(null as varchar) as gone_after_visit_id
    from text_firsts
)

select * from final_cte
