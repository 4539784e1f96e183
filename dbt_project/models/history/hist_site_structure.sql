-- Versions of the layout of a site: its menu, the sections of its sitemap, the lists on
-- its pages. Labels and targets make a version, markup and the sizes of sections do not. A
-- layout that one visit shows and the next does not (a test of variants, a broken page)
-- begins no version.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

entries as (
    select * from {{ ref('stg_observed__site_structure') }}
),

-- Sorted when they are whole: of lists that are sorted while they grow each takes thousands
-- of bytes, and those of 20,000 accounts did not fit in 4 GB.
entry_lists as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        part,
        list_sort(list(
            struct_pack(
                order_no := order_no,
                record_index := record_index,
                entry := struct_pack(
                    label := label,
                    target := target,
                    depth := depth,
                    order_no := order_no,
                    n_pages := n_pages
                )
            )
        )) as entries
    from entries
    group by source, url, payload_digest, parser_version, part
),

layouts as (
    select
        source,
        url,
        payload_digest,
        parser_version,
        part,
        list_transform(entries, lambda e: e.entry) as layout,
        md5(array_to_string(
            list_transform(entries, lambda e: concat_ws('|', coalesce(e.entry.label, ''), e.entry.target)), chr(10)
        )) as layout_digest
    from entry_lists
),

readings as (
    select
        visits.account_id,
        visits.source,
        visits.url,
        visits.payload_digest,
        visits.parser_version,
        layouts.part,
        layouts.layout_digest,
        visits.fetched_at,
        visits.visit_id,
        lag(layouts.layout_digest) over site as previous_digest
    from visits
    inner join layouts
        on
            visits.source = layouts.source
            and visits.url = layouts.url
            and visits.payload_digest = layouts.payload_digest
            and visits.parser_version = layouts.parser_version
    window
        site as (
            partition by visits.account_id, visits.source, visits.url, layouts.part
            order by visits.fetched_at, visits.visit_id
        )
),

numbered as (
    select
        *,
        sum(case when layout_digest is distinct from previous_digest then 1 else 0 end) over (
            partition by account_id, source, url, part
            order by fetched_at, visit_id
            rows unbounded preceding
        ) as run_no
    from readings
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, source, url, part, run_no order by fetched_at, visit_id
        ) as reading_no
    from numbered
),

runs as (
    select
        account_id,
        source,
        url,
        part,
        run_no,
        any_value(layout_digest) as layout_digest,
        arg_min(payload_digest, reading_no) as payload_digest,
        arg_min(parser_version, reading_no) as parser_version,
        min(fetched_at) as first_at,
        arg_min(visit_id, reading_no) as first_visit_id,
        arg_max(visit_id, reading_no) as last_visit_id,
        min(case when reading_no = 2 or run_no = 1 then fetched_at end) as known_at
    from ranked
    group by account_id, source, url, part, run_no
),

-- Shown before, be it once, and how unsteady the layout was: the marks of a test of
-- variants and of a list that takes turns.
marked_runs as (
    select
        *,
        row_number() over (
            partition by account_id, source, url, part, layout_digest order by run_no
        ) > 1 as is_return,
        count(*) over (
            partition by account_id, source, url, part
            order by first_at
            range between interval 56 day preceding and current row
        ) as n_runs
    from runs
),

kept as (
    select
        *,
        lag(layout_digest) over site as previous_digest,
        lag(last_visit_id) over site as before_visit_id
    from marked_runs
    where known_at is not null
    window site as (partition by account_id, source, url, part order by run_no)
),

versions as (
    select
        * exclude (previous_digest),
        lead(run_no) over site as next_run_no,
        lead(first_at) over site as valid_to,
        lead(known_at) over site as valid_to_known_at
    from kept
    where layout_digest is distinct from previous_digest
    window site as (partition by account_id, source, url, part order by run_no)
),

-- When a reading showed that it had stood for two and for three weeks.
standing as (
    select
        versions.account_id,
        versions.source,
        versions.url,
        versions.part,
        versions.run_no,
        min(case when ranked.fetched_at >= versions.first_at + interval 14 day then ranked.fetched_at end)
            as stood_two_weeks_at,
        min(case when ranked.fetched_at >= versions.first_at + interval 21 day then ranked.fetched_at end)
            as stood_three_weeks_at
    from versions
    inner join ranked
        on
            versions.account_id = ranked.account_id
            and versions.source = ranked.source
            and versions.url = ranked.url
            and versions.part = ranked.part
            and versions.layout_digest = ranked.layout_digest
            and versions.run_no <= ranked.run_no
            and coalesce(versions.next_run_no > ranked.run_no, true)
            and versions.first_at + interval 14 day <= ranked.fetched_at
    group by versions.account_id, versions.source, versions.url, versions.part, versions.run_no
),

final_cte as (
    select
        versions.account_id,
        versions.source,
        versions.url,
        versions.part,
        row_number() over site as version,
        layouts.layout,
        versions.layout_digest,
        versions.first_at as valid_from,
        versions.valid_to,
        versions.known_at,
        versions.valid_to_known_at,
        versions.before_visit_id,
        versions.first_visit_id as after_visit_id,
        versions.last_visit_id,
        versions.is_return,
        versions.n_runs,
        standing.stood_two_weeks_at,
        standing.stood_three_weeks_at
    from versions
    inner join layouts
        on
            versions.source = layouts.source
            and versions.url = layouts.url
            and versions.payload_digest = layouts.payload_digest
            and versions.parser_version = layouts.parser_version
            and versions.part = layouts.part
    left join standing
        on
            versions.account_id = standing.account_id
            and versions.source = standing.source
            and versions.url = standing.url
            and versions.part = standing.part
            and versions.run_no = standing.run_no
    window
        site as (
            partition by versions.account_id, versions.source, versions.url, versions.part
            order by versions.run_no
        )
)

select * from final_cte
