-- Published: notices where the account is buyer or winner, each once with all its
-- publishers, and what became of its procedure.
with notices as (
    select * from {{ ref('hist_notices') }}
),

procedures as (
    select * from {{ ref('hist_procedures') }}
),

evidence as (
    select
        account_id,
        role,
        notice_key,
        list_sort(list(distinct source)) as sources,
        list_sort(list(distinct url)) as urls
    from notices
    group by account_id, role, notice_key
),

first_known as (
    select *
    from notices
    qualify
        row_number() over (
            partition by account_id, role, notice_key order by known_at, source, notice_id
        ) = 1
),

final_cte as (
    select
        first_known.account_id,
        first_known.notice_id,
        first_known.procedure_id,
        first_known.notice_type,
        first_known.role,
        first_known.title,
        first_known.cpv,
        first_known.value,
        first_known.currency,
        first_known.published_at,
        coalesce(first_known.deadline_at, first_known.request_deadline_at) as deadline_at,
        first_known.known_at,
        first_known.chain_id,
        first_known.corrects_notice is not null as is_correction,
        procedures.state as procedure_state,
        procedures.closed_at as procedure_closed_at,
        first_known.contract_end_on,
        evidence.sources,
        evidence.urls
    from first_known
    inner join evidence
        on
            first_known.account_id = evidence.account_id
            and first_known.role = evidence.role
            and first_known.notice_key = evidence.notice_key
    inner join procedures
        on
            first_known.account_id = procedures.account_id
            and first_known.role = procedures.role
            and first_known.chain_id = procedures.chain_id
)

select * from final_cte
