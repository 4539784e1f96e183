{#-
Tempo of anything that can be counted (SCIENCE 2.1): common table expressions, one macro a
step, shared by all that count new things in 8 weeks against the 44 weeks before.

`keys` name a series, "account_id" or "account_id, series". `landmarks` must be a relation in
scope. Every step writes one expression that the next one takes by its name.
-#}

{#- Days out of season in which nobody works: fellesferie (8 July to 4 August) and the days
    from 20 December to 3 January. -#}
{% macro is_out_of_season(day) -%}
(
    (month({{ day }}) = 7 and day({{ day }}) >= 8)
    or (month({{ day }}) = 8 and day({{ day }}) <= 4)
    or (month({{ day }}) = 12 and day({{ day }}) >= 20)
    or (month({{ day }}) = 1 and day({{ day }}) <= 3)
)
{%- endmacro %}

{#- A count of days that stands still out of season, so that differences leave it out. -#}
{% macro season_clock(day) -%}
(
    ({{ day }} - date '2000-01-01')
    - 43 * (year({{ day }}) - 2000)
    - least(greatest({{ day }} - make_date(year({{ day }}) - 1, 12, 31), 0), 3)
    - least(greatest({{ day }} - make_date(year({{ day }}), 7, 7), 0), 28)
    - least(greatest({{ day }} - make_date(year({{ day }}), 12, 19), 0), 12)
)
{%- endmacro %}

{#-
Exposure and counts per series and landmark. `days`: keys, day, visit_id, fetched_at, one row
per day on which something could have been seen; a day covers those since the one before, at
most 56. `items`: keys, known_at, item_key. `seasonal` leaves out days out of season (the
items must lack them too). Ends in the expression `tempo_exposed`.
-#}
{% macro tempo_exposure(days, items, keys, seasonal=false) -%}
tempo_covered as (
    select
        {{ keys }},
        day as to_day,
        case
            when lag(day) over (partition by {{ keys }} order by day) is null then day
            else greatest(lag(day) over (partition by {{ keys }} order by day), day - 56)
        end as from_day,
        visit_id,
        fetched_at
    from {{ days }}
),

tempo_days as (
    select
        {{ prefixed(keys, 'tempo_covered') }},
        landmarks.as_of,
        sum(greatest(
            0,
            {{ season_clock('tempo_covered.to_day') if seasonal else 'tempo_covered.to_day' }}
            - {{ season_clock('greatest(tempo_covered.from_day, landmarks.as_of - 56)') if seasonal else 'greatest(tempo_covered.from_day, landmarks.as_of - 56)' }}
        )) as days_window,
        sum(greatest(
            0,
            {{ season_clock('least(tempo_covered.to_day, landmarks.as_of - 56)') if seasonal else 'least(tempo_covered.to_day, landmarks.as_of - 56)' }}
            - {{ season_clock('greatest(tempo_covered.from_day, landmarks.as_of - 364)') if seasonal else 'greatest(tempo_covered.from_day, landmarks.as_of - 364)' }}
        )) as days_baseline,
        max_by(
            tempo_covered.visit_id,
            case when tempo_covered.to_day <= landmarks.as_of - 56 then tempo_covered.to_day end
        ) as before_visit_id,
        arg_min(tempo_covered.visit_id, tempo_covered.to_day) as first_visit_id,
        arg_max(tempo_covered.visit_id, tempo_covered.to_day) as after_visit_id,
        max(tempo_covered.fetched_at) as known_at
    from tempo_covered
    inner join landmarks on tempo_covered.to_day <= landmarks.as_of
    group by {{ prefixed(keys, 'tempo_covered') }}, landmarks.as_of
),

tempo_counts as (
    select
        {{ prefixed(keys, 'items') }},
        landmarks.as_of,
        count(
            distinct case when cast(items.known_at as date) > landmarks.as_of - 56 then items.item_key end
        ) as n_window,
        count(
            distinct case when cast(items.known_at as date) <= landmarks.as_of - 56 then items.item_key end
        ) as n_baseline,
        count(
            distinct case
                when cast(items.known_at as date) > landmarks.as_of - 56 then cast(items.known_at as date)
            end
        ) as n_days
    from {{ items }} as items
    inner join landmarks
        on
            cast(items.known_at as date) <= landmarks.as_of
            and cast(items.known_at as date) > landmarks.as_of - 364
    group by {{ prefixed(keys, 'items') }}, landmarks.as_of
),

tempo_exposed as (
    select
        {{ prefixed(keys, 'tempo_days') }},
        tempo_days.as_of,
        tempo_days.known_at,
        coalesce(tempo_days.before_visit_id, tempo_days.first_visit_id) as before_visit_id,
        tempo_days.after_visit_id,
        cast(coalesce(tempo_days.days_window, 0) as double) as days_window,
        cast(coalesce(tempo_days.days_baseline, 0) as double) as days_baseline,
        coalesce(tempo_counts.n_window, 0) as n_window,
        coalesce(tempo_counts.n_baseline, 0) as n_baseline,
        coalesce(tempo_counts.n_days, 0) as n_days
    from tempo_days
    left join tempo_counts using ({{ keys }}, as_of)
)
{%- endmacro %}

{#-
How much more weekly counts vary than a Poisson count does, pooled over series that count
often enough to tell, per landmark (and `pool`, another column of the keys); within [1, 4].
1.6, the dispersion of the experiment behind SCIENCE 2.1, where none does. Ends in the
expression `tempo_dispersed` (pool, as_of, phi).
-#}
{% macro tempo_dispersion(exposure, items, keys, pool=none) -%}
{%- set pooled_by = (pool ~ ', ') if pool else '' -%}
tempo_weeks as (
    -- Whole weeks back from the landmark for which the series was under observation.
    select
        {{ keys }},
        as_of,
        unnest(range(0, cast(floor((days_window + days_baseline) / 7) as bigint))) as week
    from {{ exposure }}
),

tempo_weekly as (
    select
        {{ prefixed(keys, 'items') }},
        landmarks.as_of,
        (landmarks.as_of - cast(items.known_at as date)) // 7 as week,
        count(distinct items.item_key) as n_items
    from {{ items }} as items
    inner join landmarks
        on
            cast(items.known_at as date) <= landmarks.as_of
            and cast(items.known_at as date) > landmarks.as_of - 364
    group by all
),

tempo_varied as (
    select
        {{ prefixed(keys, 'tempo_weeks') }},
        tempo_weeks.as_of,
        avg(coalesce(tempo_weekly.n_items, 0)) as mean_count,
        var_samp(coalesce(tempo_weekly.n_items, 0)) as var_count,
        count(*) as n_weeks
    from tempo_weeks
    left join tempo_weekly using ({{ keys }}, as_of, week)
    group by {{ prefixed(keys, 'tempo_weeks') }}, tempo_weeks.as_of
),

tempo_dispersed as (
    select
        {{ pooled_by }}as_of,
        -- Summed as integers: floating sums depend on the order rows arrive in.
        least(4.0, greatest(1.0, coalesce(
            cast(sum(cast(round(var_count * 1e9) as hugeint)) filter (where mean_count >= 0.2 and n_weeks >= 8)
            as double)
            / cast(sum(cast(round(mean_count * 1e9) as hugeint)) filter (where mean_count >= 0.2 and n_weeks >= 8)
            as double),
            1.6
        ))) as phi
    from tempo_varied
    group by {{ pooled_by }}as_of
)
{%- endmacro %}

{#-
Gamma-Poisson posterior predictive tails of the count in the window, deflated for dispersion
and set against what the sector does.
    alpha = 1.5 + y_B', beta = 1.5 / m0 + e_B', expectation alpha / beta * sector factor
    ln pmf(j) = alpha ln(beta/(beta+e)) + sum_i ln((alpha+i-1)/i) + j ln(e/(beta+e))
`exposure`: as tempo_exposed with `segment`; `dispersion`: as_of (and pool), phi. Ends in the
expression `tempo_tailed`.
-#}
{% macro tempo_tails(exposure, dispersion, keys, pool=none) -%}
{%- set prior_shape = 1.5 -%}
{%- set pooled_by = (pool ~ ', ') if pool else '' -%}
tempo_market as (
    select
        {{ pooled_by }}as_of,
        sum(n_window + n_baseline) / nullif(sum(days_window + days_baseline), 0) as market_rate
    from {{ exposure }}
    group by {{ pooled_by }}as_of
),

tempo_deflated as (
    select
        exposed.*,
        exposed.days_baseline >= 112 as has_baseline,
        dispersed.phi,
        floor(exposed.n_window / dispersed.phi + 0.5) as y_window,
        exposed.days_window / dispersed.phi as e_window,
        {{ prior_shape }}
        + case when exposed.days_baseline >= 112 then exposed.n_baseline / dispersed.phi else 0 end as alpha,
        {{ prior_shape }} / tempo_market.market_rate
        + case when exposed.days_baseline >= 112 then exposed.days_baseline / dispersed.phi else 0 end as beta
    from {{ exposure }} as exposed
    inner join {{ dispersion }} as dispersed using ({{ pooled_by }}as_of)
    inner join tempo_market using ({{ pooled_by }}as_of)
    where exposed.days_window >= 28 and tempo_market.market_rate > 0
),

tempo_expected as (
    -- To the millionth, so that the sums below do not depend on the order of rows.
    select
        *,
        cast(round(days_window * alpha / beta * 1e6) as hugeint) as expected_micro
    from tempo_deflated
),

tempo_sector as (
    -- What the rest of the sector saw of what was expected of it, drawn towards 1.
    select
        *,
        (sum(n_window) over same_sector - n_window + 50)
        / (cast(sum(expected_micro) over same_sector - expected_micro as double) / 1e6 + 50)
            as sector_factor
    from tempo_expected
    window same_sector as (partition by {{ pooled_by }}as_of, segment)
),

tempo_posterior as (
    select
        *,
        beta / sector_factor as beta_sector
    from tempo_sector
),

tempo_numbers as (
    select unnest(range(0, (
        select cast(coalesce(max(tempo_posterior.y_window), 0) as bigint) + 1 from tempo_posterior
    ))) as j
),

tempo_terms as (
    select
        {{ prefixed(keys, 'tempo_posterior') }},
        tempo_posterior.as_of,
        tempo_posterior.y_window,
        tempo_numbers.j,
        tempo_posterior.alpha
        * ln(tempo_posterior.beta_sector / (tempo_posterior.beta_sector + tempo_posterior.e_window))
        + sum(case
            when tempo_numbers.j > 0 then ln((tempo_posterior.alpha + tempo_numbers.j - 1) / tempo_numbers.j)
            else 0
        end) over smaller
        + tempo_numbers.j
        * ln(tempo_posterior.e_window / (tempo_posterior.beta_sector + tempo_posterior.e_window)) as ln_pmf
    from tempo_posterior
    inner join tempo_numbers on tempo_posterior.y_window >= tempo_numbers.j
    window
        smaller as (
            partition by {{ prefixed(keys, 'tempo_posterior') }}, tempo_posterior.as_of
            order by tempo_numbers.j
            rows unbounded preceding
        )
),

tempo_running as (
    select
        *,
        sum(exp(ln_pmf)) over (
            partition by {{ keys }}, as_of order by j rows unbounded preceding
        ) as cdf
    from tempo_terms
),

tempo_probabilities as (
    select
        {{ keys }},
        as_of,
        least(1.0, greatest(1e-16, 1 - coalesce(max(cdf) filter (where j < y_window), 0))) as p_up,
        least(1.0, greatest(1e-16, max(cdf) filter (where j = y_window))) as p_down
    from tempo_running
    group by {{ keys }}, as_of
),

tempo_tailed as (
    select
        tempo_posterior.* exclude (beta, beta_sector, expected_micro),
        tempo_posterior.beta_sector as beta,
        tempo_posterior.days_window * tempo_posterior.alpha / tempo_posterior.beta_sector as n_expected,
        (tempo_posterior.y_window / tempo_posterior.e_window)
        / (tempo_posterior.alpha / tempo_posterior.beta_sector) as effect,
        -- Without a baseline of its own a series is only held against the market.
        case
            when tempo_posterior.has_baseline then tempo_probabilities.p_up
            else greatest(tempo_probabilities.p_up, 0.01)
        end as p_up,
        case
            when tempo_posterior.has_baseline then tempo_probabilities.p_down
            else greatest(tempo_probabilities.p_down, 0.01)
        end as p_down
    from tempo_posterior
    inner join tempo_probabilities using ({{ keys }}, as_of)
)
{%- endmacro %}

{#- Posterior predictive tail P(Y >= y) of a Gamma-Poisson count over an exposure (SCIENCE 2.1). -#}
{% macro gamma_poisson_tail(y, exposure, alpha, beta) -%}
greatest(1e-16, 1.0 - coalesce(list_sum(list_transform(
    range(0, cast({{ y }} as bigint)),
    j -> exp(
        {{ alpha }} * ln({{ beta }} / ({{ beta }} + {{ exposure }}))
        + lgamma({{ alpha }} + j) - lgamma({{ alpha }}) - lgamma(j + 1.0)
        + j * ln({{ exposure }} / ({{ beta }} + {{ exposure }}))
    )
)), 0.0))
{%- endmacro %}

{#- Columns of a relation by name: "a, b" as "r.a, r.b". -#}
{% macro prefixed(columns, relation) -%}
{%- for column in columns.split(', ') %}{{ relation }}.{{ column }}{{ ", " if not loop.last }}{% endfor -%}
{%- endmacro %}
