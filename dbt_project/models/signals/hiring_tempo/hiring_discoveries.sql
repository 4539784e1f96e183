-- Which surges and slowdowns are claimed: Benjamini-Hochberg at q = 0.10 per day and class
-- over armed accounts (SCIENCE 2.9). A claim disarms its account until p has stayed at or
-- above .05 for 56 days. Days are walked in order, for what is armed depends on them.
with recursive measures as (
    select
        account_id,
        as_of,
        signal_type,
        p_value
    from {{ ref('meas_hiring_tempo') }}
    where p_value is not null
),

days as (
    select
        as_of,
        row_number() over (order by as_of) as day_no
    from (select distinct measures.as_of from measures) as measured_days
),

hypotheses as (
    select
        measures.*,
        days.day_no
    from measures
    inner join days on measures.as_of = days.as_of
),

subjects as (
    select distinct
        account_id,
        signal_type
    from measures
),

walk as (
    select
        subjects.account_id,
        subjects.signal_type,
        cast(0 as bigint) as day_no,
        cast(null as date) as as_of,
        cast(null as date) as hot_on,
        false as is_discovery
    from subjects
    union all
    select
        judged.account_id,
        judged.signal_type,
        judged.day_no,
        judged.as_of,
        case
            when judged.is_found then judged.as_of
            when not judged.is_armed and judged.p_value < 0.05 then judged.as_of
            when judged.is_armed then null
            else judged.hot_on
        end as hot_on,
        judged.is_found as is_discovery
    from (
        select
            ranked.*,
            ranked.is_armed
            and coalesce(
                min(ranked.p_value * ranked.n_armed / ranked.rank_no) over (
                    partition by ranked.signal_type, ranked.is_armed and ranked.p_value is not null
                    order by ranked.rank_no desc
                    rows unbounded preceding
                ) <= 0.10,
                false
            ) as is_found
        from (
            select
                stepped.*,
                count(stepped.p_value) filter (where stepped.is_armed)
                    over (partition by stepped.signal_type) as n_armed,
                row_number() over (
                    partition by
                        stepped.signal_type, stepped.is_armed and stepped.p_value is not null
                    order by stepped.p_value, stepped.account_id
                ) as rank_no
            from (
                select
                    walk.account_id,
                    walk.signal_type,
                    days.day_no,
                    days.as_of,
                    walk.hot_on,
                    hypotheses.p_value,
                    coalesce(days.as_of - walk.hot_on >= 56, true) as is_armed
                from walk
                inner join days on walk.day_no + 1 = days.day_no
                left join hypotheses
                    on
                        walk.account_id = hypotheses.account_id
                        and walk.signal_type = hypotheses.signal_type
                        and days.day_no = hypotheses.day_no
            ) as stepped
        ) as ranked
    ) as judged
),

final_cte as (
    select
        account_id,
        signal_type,
        as_of
    from walk
    where is_discovery
)

select * from final_cte
