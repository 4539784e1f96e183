-- One row per page that lists people and day: how many, who, and whether what it lacks is
-- absent. A page counts from its first filled list on; before that it was never a list. In
-- the fortnight after a site was built anew, what a list lacks is not absent. A list too
-- short to be believed is believed after all when it still is as short once the guard gives
-- in: `believed_at` says when, and what it lacked was absent from its day on.
with visits as (
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
    qualify
        bool_or(payload_lists.n_seen > 0) over (
            partition by visits.account_id, visits.source, visits.url
            order by visits.fetched_at, visits.visit_id
            rows unbounded preceding
        )
),

day_lists as (
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

select * from final_cte
