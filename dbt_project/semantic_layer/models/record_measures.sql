-- How good the probabilities were, by measure.
with measures as (
    select * from {{ source('published', 'score_record') }}
),

final_cte as (
    select
        offer || '/' || target || '/' || model || '/' || slice || '/' || measure as record_id,
        offer,
        target,
        model,
        slice,
        measure,
        value,
        n_rows,
        n_outcomes,
        (select max(as_of) from {{ source('published', 'coverage') }}) as as_of
    from measures
)

select * from final_cte
