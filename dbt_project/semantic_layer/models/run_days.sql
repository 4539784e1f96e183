-- What each source gave on each day it was run.
with runs as (
    select * from {{ source('published', 'source_runs') }}
),

final_cte as (
    select
        day || '/' || source as run_id,
        source,
        day,
        visits,
        answered,
        new_digests,
        records,
        quarantined_rows,
        signals_born,
        bytes,
        crawl_seconds,
        parse_seconds
    from runs
)

select * from final_cte
