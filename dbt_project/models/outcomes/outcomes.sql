-- What scores are learned from and judged by (SCIENCE 3.1): competitions of the account or
-- its linked units in the offer's categories, and opportunities of a CRM that were
-- qualified. Two targets, never mixed. A private model: no feature can refer to it.
with notices as (
    select * from {{ ref('hist_notices') }}
    where role = 'buyer' and notice_type = 'competition'
),

accounts as (
    select * from {{ ref('stg_lyttepost__accounts') }}
),

registry as (
    select * from {{ ref('hist_registry') }}
    where field = 'parent_org_number' and value is not null and not is_sub_unit
),

offers as (
    select * from {{ ref('offers') }}
),

offer_cpv as (
    select * from {{ ref('offer_cpv') }}
),

opportunities as (
    select * from {{ ref('stg_lyttepost__crm_outcomes') }}
    where is_qualified
),

told_parents as (
    select
        account_id as child_id,
        parent_account_id as parent_id,
        cast(null as timestamp) as linked_at
    from accounts
    where parent_account_id is not null
    union all
    select
        registry.account_id as child_id,
        parents.account_id as parent_id,
        registry.known_at as linked_at
    from registry
    inner join accounts as parents on registry.value = parents.org_number
    where registry.account_id <> parents.account_id
),

links as (
    select
        account_id,
        account_id as buyer_id,
        cast(null as timestamp) as linked_at,
        true as is_own
    from accounts
    union all
    select
        child_id as account_id,
        parent_id as buyer_id,
        linked_at,
        false as is_own
    from told_parents
    union all
    select
        parent_id as account_id,
        child_id as buyer_id,
        linked_at,
        false as is_own
    from told_parents
),

competitions as (
    -- Corrections and other publishers of a procedure are the same competition.
    select
        notices.account_id as buyer_id,
        offer_cpv.offer,
        notices.chain_id as event_id,
        min(notices.published_at) as occurred_at,
        min(notices.known_at) as known_at,
        arg_min(notices.visit_id, (notices.known_at, notices.notice_id)) as evidence_ref
    from notices
    inner join offer_cpv
        on len(list_filter(notices.cpv, code -> starts_with(code, offer_cpv.cpv_prefix))) > 0
    group by notices.account_id, offer_cpv.offer, notices.chain_id
),

tenders as (
    select
        links.account_id,
        competitions.offer,
        competitions.event_id,
        min(competitions.occurred_at) as occurred_at,
        min(greatest(competitions.known_at, coalesce(links.linked_at, competitions.known_at))) as known_at,
        bool_or(links.is_own) as is_own,
        arg_min(
            competitions.evidence_ref, (not links.is_own, competitions.known_at, competitions.buyer_id)
        ) as evidence_ref
    from competitions
    inner join links on competitions.buyer_id = links.buyer_id
    group by links.account_id, competitions.offer, competitions.event_id
),

both_targets as (
    select
        account_id,
        offer,
        'tender' as target,
        event_id,
        occurred_at,
        known_at,
        is_own,
        evidence_ref
    from tenders
    union all
    select
        opportunities.account_id,
        opportunities.offer,
        'crm' as target,
        coalesce(opportunities.opportunity_id, opportunities.evidence_ref) as event_id,
        opportunities.opened_at as occurred_at,
        opportunities.created_at as known_at,
        true as is_own,
        opportunities.evidence_ref
    from opportunities
    inner join accounts on opportunities.account_id = accounts.account_id
    inner join offers on opportunities.offer = offers.offer
),

final_cte as (
    select
        *,
        coalesce(
            occurred_at > lag(occurred_at) over (
                partition by account_id, offer, target order by occurred_at, event_id
            ) + interval 365 day,
            true
        ) as is_first
    from both_targets
)

select
    account_id,
    offer,
    target,
    event_id,
    occurred_at,
    known_at,
    is_own,
    is_first,
    evidence_ref
from final_cte
