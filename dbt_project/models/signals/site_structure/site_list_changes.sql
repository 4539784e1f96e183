-- A menu or list of a site was one thing for weeks and then another for weeks: two versions
-- that both stood for 14 days, one after the other. Versions between them (a campaign, a
-- mistake put right) are passed over. Known when the later one had stood so long.
with versions as (
    select * from {{ ref('hist_site_structure') }}
    where part not in ('frame', 'sitemap')
),

visits as (
    select * from {{ ref('hist_visits') }}
),

redesigns as (
    select * from {{ ref('site_redesigns') }}
),

ever_read as (
    -- What each version's page had listed by then: an item whose turn comes again is old.
    select
        *,
        list(layout) over earlier as earlier_layouts,
        min(valid_from) over earlier as observed_from
    from versions
    window
        earlier as (
            partition by account_id, source, url, part
            order by version
            rows between unbounded preceding and 1 preceding
        )
),

settled as (
    select
        *,
        lag(layout) over page as before_layout,
        lag(layout_digest) over page as before_digest,
        lag(valid_from) over page as before_valid_from,
        lag(last_visit_id) over page as before_ref,
        lead(layout_digest) over page as next_digest,
        lead(stood_two_weeks_at) over page as next_stood_at,
        count(*) over (
            partition by account_id, source, url, part
            order by valid_from
            range between interval 182 day preceding and current row
        ) as n_settled
    from ever_read
    where stood_two_weeks_at is not null
    window page as (partition by account_id, source, url, part order by version)
),

changes as (
    select
        settled.account_id,
        settled.source,
        settled.url,
        settled.part,
        settled.before_layout,
        settled.layout as after_layout,
        list_sort(
            list_distinct(list_transform(flatten(settled.earlier_layouts), entry -> entry.target))
        ) as earlier_targets,
        settled.is_return,
        settled.n_runs,
        settled.n_settled,
        settled.observed_from,
        settled.before_valid_from,
        before_visit.fetched_at as effective_lo,
        settled.valid_from as effective_hi,
        settled.stood_two_weeks_at,
        settled.stood_three_weeks_at,
        settled.before_ref,
        settled.after_visit_id as after_ref,
        -- It was taken back: what stood before stands again.
        case when settled.next_digest = settled.before_digest then settled.next_stood_at end as reverted_at
    from settled
    inner join visits as before_visit on settled.before_ref = before_visit.visit_id
    where settled.before_digest <> settled.layout_digest
),

quarantine as (
    select
        changes.account_id,
        changes.source,
        changes.url,
        changes.part,
        changes.effective_hi,
        min(redesigns.known_at) as redesign_known_at
    from changes
    inner join redesigns
        on
            changes.account_id = redesigns.account_id
            and changes.source = redesigns.source
            and redesigns.seen_at > changes.effective_lo - interval 14 day
            and redesigns.seen_at <= changes.effective_hi + interval 14 day
    group by changes.account_id, changes.source, changes.url, changes.part, changes.effective_hi
),

final_cte as (
    select
        changes.*,
        effective_lo + (effective_hi - effective_lo) / 2 as effective_pt,
        quarantine.redesign_known_at
    from changes
    left join quarantine using (account_id, source, url, part, effective_hi)
)

select * from final_cte
