{%- set figures = [
    'currency', 'revenue', 'operating_costs', 'operating_result', 'result_before_tax', 'result',
    'total_assets', 'equity', 'debt', 'is_unaudited', 'is_liquidation',
] -%}
-- Annual accounts of an account, one row per period and per version of its figures: the
-- register shows the latest year only, and may show a year again with other figures.
with visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null and parser_version is not null
),

annual_accounts as (
    select * exclude (landed_file, row_digest) from {{ ref('stg_observed__annual_accounts') }}
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

sightings as (
    select
        visits.account_id,
        visits.fetched_at,
        visits.visit_id,
        annual_accounts.*,
        {{ event_id(figures) }} as figures_key
    from annual_accounts
    inner join visits
        on
            annual_accounts.source = visits.source
            and annual_accounts.url = visits.url
            and annual_accounts.payload_digest = visits.payload_digest
            and annual_accounts.parser_version = visits.parser_version
    inner join accounts
        on
            visits.account_id = accounts.account_id
            and annual_accounts.org_number = accounts.org_number
),

steps as (
    select
        *,
        row_number() over history = 1 as is_first,
        lag(figures_key) over history as previous_key
    from sightings
    window
        history as (
            partition by account_id, source, org_number, accounts_type, period_from, period_to
            order by fetched_at, visit_id, record_index
        )
),

versions as (
    select
        *,
        lead(fetched_at) over (
            partition by account_id, source, org_number, accounts_type, period_from, period_to
            order by fetched_at, visit_id, record_index
        ) as superseded_at
    from steps
    where is_first or figures_key <> previous_key
),

sources_begun as (
    select
        account_id,
        source,
        min(fetched_at) as first_at
    from sightings
    group by account_id, source
),

final_cte as (
    select
        versions.account_id,
        versions.source,
        versions.org_number,
        versions.accounts_id,
        versions.accounts_type,
        versions.period_from,
        versions.period_to,
        {% for column in figures %}
        versions.{{ column }},
        {% endfor %}
        not versions.is_first as is_correction,
        versions.fetched_at as known_at,
        versions.superseded_at,
        versions.visit_id,
        versions.url,
        versions.fetched_at = sources_begun.first_at as is_first_day
    from versions
    inner join sources_begun using (account_id, source)
)

select * from final_cte
