-- What a whole sector did: the mean of a measure's z over at least thirty accounts is half a
-- standard deviation or more off zero (SCIENCE 2.8). Context, never a signal of an account.
with measures as (
    select * from {{ ref('meas_attention') }}
    where value is not null
),

accounts as (
    select
        account_id,
        coalesce(segment, '') as segment
    from {{ ref('stg_lyttepost__accounts') }}
),

means as (
    select
        accounts.segment,
        measures.as_of,
        measures.signal_type,
        cast(sum(cast(round(measures.value * 1e9) as hugeint)) as double) / 1e9 / count(*) as mean_z,
        count(distinct measures.account_id) as n_accounts
    from measures
    inner join accounts on measures.account_id = accounts.account_id
    group by accounts.segment, measures.as_of, measures.signal_type
),

final_cte as (
    select
        segment,
        as_of,
        signal_type,
        mean_z,
        n_accounts,
        case when mean_z > 0 then 'rise' else 'drop' end as direction
    from means
    -- Each type measures one direction, so the other one's row is its mirror image.
    where n_accounts >= 30 and mean_z >= 0.5
)

select * from final_cte
