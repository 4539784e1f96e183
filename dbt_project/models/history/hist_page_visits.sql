-- One row per visit that read a web page: the text it then had.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

pages as (
    select * from {{ ref('stg_observed__pages') }}
),

final_cte as (
    select
        visits.account_id,
        visits.source,
        visits.url,
        visits.scope,
        visits.day,
        visits.fetched_at,
        visits.visit_id,
        visits.payload_digest,
        visits.parser_version,
        pages.text_digest,
        pages.language,
        row_number() over (
            partition by visits.account_id, visits.source, visits.url
            order by visits.fetched_at, visits.visit_id
        ) as visit_no,
        min(visits.day) over (
            partition by visits.account_id, visits.source
        ) as account_first_day
    from visits
    inner join pages
        on
            visits.source = pages.source
            and visits.url = pages.url
            and visits.payload_digest = pages.payload_digest
            and visits.parser_version = pages.parser_version
    where pages.main_text <> ''
    qualify
        row_number() over (
            partition by visits.account_id, visits.source, visits.url, visits.fetched_at
            order by visits.visit_id, pages.record_index
        ) = 1
)

select * from final_cte
