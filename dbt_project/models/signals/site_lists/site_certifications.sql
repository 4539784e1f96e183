-- Certifications that came onto or went from the pages of a company: on no page of its
-- before, or on none any more. Nothing is told that came with a redesign, or of a page that
-- has changed so often that another change is no news.
with calm as (
    select * from {{ ref('site_calm_changes') }}
    where part = 'certifications'
),

layouts as (
    select * from {{ ref('hist_site_structure') }}
    where part = 'certifications'
),

entries as (
    select
        account_id,
        valid_from,
        known_at,
        valid_to_known_at,
        unnest(layout) as entry
    from layouts
),

certificates as (
    select
        calm.*,
        unnest(after_items) as item,
        'gained' as turn
    from calm
    union all by name
    select
        calm.*,
        unnest(before_items) as item,
        'lost' as turn
    from calm
    -- A page that names none any more tells of its text, not of a loss.
    where len(after_items) >= 1
),

certificate_changes as (
    select
        certificates.*,
        item.label || ' ' || turn as certificate
    from certificates
    where
        case
            when turn = 'gained' then not list_contains(earlier_targets, item.target)
            else not list_contains(after_targets, item.target)
        end
),

held_elsewhere as (
    select distinct
        certificate_changes.account_id,
        certificate_changes.url,
        certificate_changes.certificate,
        certificate_changes.effective_hi
    from certificate_changes
    inner join entries
        on
            certificate_changes.account_id = entries.account_id
            and certificate_changes.item.target = entries.entry.target
    where
        case
            when certificate_changes.turn = 'gained'
                then entries.valid_from <= certificate_changes.effective_lo
            else
                entries.known_at <= certificate_changes.stood_three_weeks_at
                and coalesce(entries.valid_to_known_at > certificate_changes.stood_three_weeks_at, true)
        end
),

final_cte as (
    select
        certificate_changes.account_id,
        certificate_changes.source,
        certificate_changes.url,
        certificate_changes.item.label as certificate,
        certificate_changes.turn,
        certificate_changes.effective_lo,
        certificate_changes.effective_hi,
        certificate_changes.stood_three_weeks_at as known_at,
        case
            when
                certificate_changes.reverted_at > certificate_changes.stood_three_weeks_at
                and certificate_changes.reverted_at <= certificate_changes.stood_three_weeks_at + interval 60 day
                then certificate_changes.reverted_at
        end as superseded_at,
        certificate_changes.before_ref,
        certificate_changes.after_ref
    from certificate_changes
    anti join held_elsewhere using (account_id, url, certificate, effective_hi)
    -- In the foot of every page it is one certification.
    qualify
        row_number() over (
            partition by certificate_changes.account_id, certificate_changes.certificate
            order by
                certificate_changes.stood_three_weeks_at,
                certificate_changes.effective_hi,
                certificate_changes.url
        ) = 1
)

select * from final_cte
