-- Changes of menus and lists on pages that are calm: not the layout of before again, not one
-- of many, not with a redesign; and with three weeks of standing and four of watching.
with changes as (
    select * from {{ ref('site_list_changes') }}
),

calm as (
    select
        *,
        list_filter(before_layout, entry -> entry.depth > 0) as before_items,
        list_filter(after_layout, entry -> entry.depth > 0) as after_items,
        list_transform(before_layout, entry -> entry.target) as before_targets,
        list_transform(after_layout, entry -> entry.target) as after_targets
    from changes
    where
        not is_return
        and n_runs <= 3
        and n_settled <= 3
        and coalesce(redesign_known_at > stood_three_weeks_at, true)
        and stood_three_weeks_at is not null
        and effective_hi - observed_from >= interval 28 day
)

select * from calm
