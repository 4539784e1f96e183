-- Gamma-Poisson posterior predictive tails of the number of new positions in 8 weeks
-- (SCIENCE 2.1), deflated for dispersion and set against what the sector does.
--     alpha = 1.5 + y_B', beta = 1.5 / m0 + e_B', expectation alpha / beta * sector factor
--     ln pmf(j) = alpha ln(beta/(beta+e)) + sum_i ln((alpha+i-1)/i) + j ln(e/(beta+e))
{%- set prior_shape = 1.5 %}
with exposure as (
    select * from {{ ref('hiring_exposure') }}
),

dispersion as (
    select * from {{ ref('hiring_dispersion') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

market as (
    select
        as_of,
        sum(n_window + n_baseline) / nullif(sum(days_window + days_baseline), 0) as market_rate
    from exposure
    group by as_of
),

deflated as (
    select
        exposure.*,
        coalesce(accounts.segment, '') as segment,
        exposure.days_baseline >= 112 as has_baseline,
        dispersion.phi,
        floor(exposure.n_window / dispersion.phi + 0.5) as y_window,
        exposure.days_window / dispersion.phi as e_window,
        {{ prior_shape }}
        + case
            when exposure.days_baseline >= 112 then exposure.n_baseline / dispersion.phi
            else 0
        end as alpha,
        {{ prior_shape }} / market.market_rate
        + case
            when exposure.days_baseline >= 112 then exposure.days_baseline / dispersion.phi
            else 0
        end as beta
    from exposure
    inner join dispersion on exposure.as_of = dispersion.as_of
    inner join market on exposure.as_of = market.as_of
    inner join accounts on exposure.account_id = accounts.account_id
    where exposure.days_window >= 28 and market.market_rate > 0
),

expected as (
    -- To the millionth, so that the sums below do not depend on the order of rows.
    select
        *,
        cast(round(days_window * alpha / beta * 1e6) as hugeint) as expected_micro
    from deflated
),

sector as (
    -- What the rest of the sector saw of what was expected of it, drawn towards 1.
    select
        *,
        (sum(n_window) over same_sector - n_window + 50)
        / (cast(sum(expected_micro) over same_sector - expected_micro as double) / 1e6 + 50)
            as sector_factor
    from expected
    window same_sector as (partition by as_of, segment)
),

posterior as (
    select
        *,
        beta / sector_factor as beta_sector
    from sector
),

numbers as (
    select unnest(range(0, (select cast(coalesce(max(posterior.y_window), 0) as bigint) + 1 from posterior))) as j
),

terms as (
    select
        posterior.account_id,
        posterior.as_of,
        posterior.y_window,
        numbers.j,
        posterior.alpha
        * ln(posterior.beta_sector / (posterior.beta_sector + posterior.e_window))
        + sum(case when numbers.j > 0 then ln((posterior.alpha + numbers.j - 1) / numbers.j) else 0 end)
            over smaller
        + numbers.j
        * ln(posterior.e_window / (posterior.beta_sector + posterior.e_window)) as ln_pmf
    from posterior
    inner join numbers on posterior.y_window >= numbers.j
    window
        smaller as (
            partition by posterior.account_id, posterior.as_of
            order by numbers.j
            rows unbounded preceding
        )
),

running as (
    select
        *,
        sum(exp(ln_pmf)) over (
            partition by account_id, as_of order by j rows unbounded preceding
        ) as cdf
    from terms
),

tails as (
    select
        account_id,
        as_of,
        least(1.0, greatest(1e-16, 1 - coalesce(max(cdf) filter (where j < y_window), 0)))
            as p_up,
        least(1.0, greatest(1e-16, max(cdf) filter (where j = y_window))) as p_down
    from running
    group by account_id, as_of
),

final_cte as (
    select
        posterior.account_id,
        posterior.as_of,
        posterior.segment,
        posterior.known_at,
        posterior.before_visit_id,
        posterior.after_visit_id,
        posterior.n_window,
        posterior.n_baseline,
        posterior.days_window,
        posterior.days_baseline,
        posterior.has_baseline,
        posterior.phi,
        posterior.sector_factor,
        posterior.y_window,
        posterior.e_window,
        posterior.alpha,
        posterior.beta_sector as beta,
        posterior.days_window * posterior.alpha / posterior.beta_sector as n_expected,
        (posterior.y_window / posterior.e_window) / (posterior.alpha / posterior.beta_sector)
            as effect,
        -- Without a baseline of its own an account is only held against the market.
        case when posterior.has_baseline then tails.p_up else greatest(tails.p_up, 0.01) end as p_up,
        case when posterior.has_baseline then tails.p_down else greatest(tails.p_down, 0.01) end
            as p_down
    from posterior
    inner join tails
        on posterior.account_id = tails.account_id and posterior.as_of = tails.as_of
)

select * from final_cte
