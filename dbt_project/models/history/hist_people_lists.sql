{{ config(materialized='days', meta={'entity': ['account_id', 'source', 'url'], 'marked': true}) }}
{%- set after = last_standing_day() %}
{#- The guard looks back twice over 28 days; a day for each of them lies on the edge. -#}
{%- set days_judged = 58 %}
-- One row per page that lists people and day: how many, who, and whether what it lacks is
-- absent. A page counts from its first filled list on; before that it was never a list. In
-- the fortnight after a site was built anew, what a list lacks is not absent. A list too
-- short to be believed is believed after all when it still is as short once the guard gives
-- in: `believed_at` says when, and what it lacked was absent from its day on.
--
-- After new visits alone, a list as long as it was is judged by its last two months, and its
-- earlier days stand; a short one, one that was short until now, and a new one are judged
-- from their first day on.
with all_visits as not materialized (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

people as (
    select * from {{ ref('stg_observed__people') }}
),

redesigns as (
    select * from {{ ref('hist_template_changes') }}
    where is_redesign
),

people_once as (
    select *
    from people
    qualify
        row_number() over (
            partition by source, url, payload_digest, parser_version, person_key
            order by order_no, record_index
        ) = 1
),

{% if after -%}
-- New visits of lists that are known, and of pages that list somebody now.
new_lengths as (
    select
        all_visits.account_id,
        all_visits.source,
        all_visits.url,
        count(people_once.person_key) as n_seen
    from all_visits
    left join people_once using (source, url, payload_digest, parser_version)
    where all_visits.day > date '{{ after }}'
    group by all_visits.account_id, all_visits.source, all_visits.url, all_visits.visit_id
),

old_lengths as (
    select
        account_id,
        source,
        url,
        max(n_seen) filter (where day > date '{{ after }}' - 30) as most_seen,
        -- Until the next evidence nobody knows whether a short list is to be believed.
        coalesce(max(day) filter (where n_seen > 0 and not is_evidence), date '1900-01-01')
        > coalesce(max(day) filter (where is_evidence), date '1900-01-01') as is_in_doubt
    from {{ this }}
    group by account_id, source, url
),

length_ranges as (
    select
        account_id,
        source,
        url,
        max(n_seen) as most_seen,
        min(n_seen) filter (where n_seen > 0) as least_seen
    from new_lengths
    group by account_id, source, url
),

calm as ( -- noqa: ST03
    select
        length_ranges.account_id,
        length_ranges.source,
        length_ranges.url
    from length_ranges
    inner join old_lengths using (account_id, source, url)
    where
        not old_lengths.is_in_doubt
        -- Longer than that of the longest: no median of them can call it short.
        and coalesce(
            length_ranges.least_seen
            >= 0.6 * greatest(length_ranges.most_seen, coalesce(old_lengths.most_seen, 0)),
            true
        )
),

touched as (
    select
        length_ranges.account_id,
        length_ranges.source,
        length_ranges.url
    from length_ranges
    left join old_lengths using (account_id, source, url)
    anti join calm using (account_id, source, url)
    where old_lengths.url is not null or length_ranges.most_seen > 0
),

visits as (
    select all_visits.*
    from all_visits
    semi join touched using (account_id, source, url)
    union all
    select all_visits.*
    from all_visits
    semi join calm using (account_id, source, url)
    where all_visits.day > date '{{ after }}'
),
{% else -%}
visits as (
    select * from all_visits
),
{% endif %}
payload_lists as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        count(*) as n_seen,
        list(name order by order_no, person_key) as names,
        list(person_key order by order_no, person_key) as person_keys
    from people_once
    {% if after -%}
    semi join visits using (source, url, payload_digest, parser_version)
    {%- endif %}
    group by source, url, payload_digest, parser_version
),

list_visits as (
    select
        visits.account_id,
        visits.source,
        visits.url,
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        visits.payload_digest,
        visits.parser_version,
        coalesce(payload_lists.n_seen, 0) as n_seen,
        payload_lists.names,
        payload_lists.person_keys
    from visits
    left join payload_lists
        on
            visits.source = payload_lists.source
            and visits.url = payload_lists.url
            and visits.payload_digest = payload_lists.payload_digest
            and visits.parser_version = payload_lists.parser_version
    {% if after -%}
    left join calm -- noqa: ST11
        on visits.account_id = calm.account_id and visits.source = calm.source and visits.url = calm.url
    {%- endif %}
    qualify
        bool_or(payload_lists.n_seen > 0{{ ' or calm.url is not null' if after }}) over (
            partition by visits.account_id, visits.source, visits.url
            order by visits.fetched_at, visits.visit_id
            rows unbounded preceding
        )
),

read_lists as (
    -- A page visited twice a day is one observation: the fuller one.
    select
        *,
        day = min(day) over (partition by account_id, source, url) as is_first_list
    from list_visits
    qualify
        row_number() over (
            partition by account_id, source, url, day
            order by n_seen desc, fetched_at, visit_id
        ) = 1
),

day_lists as (
    {% if after -%}
    select
        read_lists.* exclude (is_first_list),
        read_lists.is_first_list and calm.url is null as is_first_list
    from read_lists
    left join calm using (account_id, source, url)
    union all by name
    select built.* exclude (med28, is_evidence, believed_at)
    from {{ this }} as built
    semi join calm using (account_id, source, url)
    where built.day > date '{{ after }}' - {{ days_judged }}
    {%- else -%}
    select * from read_lists
    {%- endif %}
),

{{ coverage_guard('day_lists', 'account_id, source, url', slack=1, may_be_empty=false) }},

frozen as (
    select distinct guarded.visit_id
    from guarded
    inner join redesigns
        on
            guarded.account_id = redesigns.account_id
            and guarded.source = redesigns.source
            and guarded.day >= redesigns.day
            and guarded.day < redesigns.frozen_until
),

judged as (
    select
        guarded.* exclude (is_evidence),
        guarded.is_evidence and frozen.visit_id is null as is_evidence,
        guarded.n_seen > 0 and guarded.n_seen < 0.6 * guarded.med28 and frozen.visit_id is null as is_short
    from guarded
    left join frozen on guarded.visit_id = frozen.visit_id
),

final_cte as (
    select
        * exclude (is_short),
        case
            when
                is_short and not is_evidence
                and first_value(case when is_evidence then n_seen end ignore nulls) over later < 0.6 * med28
                then first_value(case when is_evidence then fetched_at end ignore nulls) over later
        end as believed_at
    from judged
    window
        later as (
            partition by account_id, source, url
            order by day
            rows between 1 following and unbounded following
        )
)

{% if after -%}
,

new_rows as (
    select final_cte.*
    from final_cte
    left join touched using (account_id, source, url)
    where touched.url is not null or final_cte.day > date '{{ after }}'
)

{{ marked_anew('new_rows', 'touched', 'account_id, source, url') }}
{%- else -%}
select * from final_cte
{%- endif %}
