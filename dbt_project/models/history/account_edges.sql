-- Who belongs to whom: edges from a parent to a subsidiary or a sub-unit, with the time in
-- which each held. From the watch list (holds from the first day), the register's parent
-- number, and the register's lists of sub-units. An end is known when it is read.
with accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

registry as (
    select * from {{ ref('hist_registry') }}
),

numbers as (
    select
        account_id,
        org_number
    from accounts
    where org_number is not null
),

first_day as (
    select cast(min(as_of) as timestamp) as first_at
    from {{ ref('landmarks') }}
),

stated as (
    select
        accounts.parent_account_id,
        accounts.account_id as child_account_id,
        parents.org_number as parent_org_number,
        accounts.org_number as child_org_number,
        'stated_parent' as kind,
        cast(null as timestamp) as valid_from,
        cast(null as timestamp) as valid_to,
        first_day.first_at as known_at,
        cast(null as varchar) as visit_id
    from accounts
    inner join accounts as parents on accounts.parent_account_id = parents.account_id
    cross join first_day
),

deletions as (
    select
        account_id,
        org_number,
        min(valid_from) as deleted_at
    from registry
    where field = 'is_deleted' and value = 'true'
    group by account_id, org_number
),

registered as (
    -- What stood so at the first reading has stood for nobody knows how long.
    select
        coalesce(parents.account_id, case when registry.is_sub_unit then registry.account_id end)
            as parent_account_id,
        case when registry.is_sub_unit then children.account_id else registry.account_id end as child_account_id,
        registry.value as parent_org_number,
        registry.org_number as child_org_number,
        case when registry.is_sub_unit then 'sub_unit' else 'registered_parent' end as kind,
        case when registry.is_first then null else registry.valid_from end as valid_from,
        least(
            coalesce(registry.valid_to, deletions.deleted_at), coalesce(deletions.deleted_at, registry.valid_to)
        ) as valid_to,
        registry.known_at,
        registry.after_visit_id as visit_id
    from registry
    left join numbers as parents on registry.value = parents.org_number
    left join numbers as children on registry.org_number = children.org_number
    left join deletions
        on registry.account_id = deletions.account_id and registry.org_number = deletions.org_number
    where registry.field = 'parent_org_number' and registry.value is not null
),

all_edges as (
    select * from stated
    union all by name
    select * from registered
),

final_cte as (
    select
        {{ event_id([
            'kind',
            'parent_account_id',
            'parent_org_number',
            'child_account_id',
            'child_org_number',
            'known_at',
        ]) }} as edge_id,
        parent_account_id,
        child_account_id,
        parent_org_number,
        child_org_number,
        kind,
        -- No source of ours states how much of it is owned.
        cast(null as double) as share,
        valid_from,
        valid_to,
        known_at,
        visit_id
    from all_edges
    where parent_account_id is distinct from child_account_id
    qualify
        row_number() over (
            partition by kind, parent_account_id, parent_org_number, child_account_id, child_org_number, known_at
            order by visit_id
        ) = 1
)

select * from final_cte
