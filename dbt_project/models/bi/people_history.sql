-- Published: one row per spell of a person, title as last shown.
with sightings as (
    select * from {{ ref('hist_people_sightings') }}
),

events as (
    select * from {{ ref('hist_people_events') }}
),

classes as (
    select * from {{ ref('hist_title_classes') }}
),

latest as (
    select *
    from sightings
    qualify
        row_number() over (
            partition by account_id, source, person_key, spell_no order by sighted_at desc
        ) = 1
),

appeared as (
    select * from events
    where event = 'appeared'
),

gone as (
    select * from events
    where event = 'gone' and superseded_at is null
),

final_cte as (
    select
        appeared.account_id,
        appeared.person_key,
        latest.name,
        latest.title,
        coalesce(classes.function, 'unknown') as function,
        coalesce(classes.seniority, 1) as seniority,
        appeared.source,
        latest.url,
        appeared.effective_lo as appeared_lo,
        appeared.effective_hi as appeared_hi,
        gone.effective_lo as gone_lo,
        gone.effective_hi as gone_hi,
        appeared.known_at,
        gone.known_at as gone_known_at,
        appeared.is_left_censored,
        {{ legal_basis() }} as legal_basis,
        {{ notice_due_on('appeared.effective_hi') }} as notice_due_on
    from appeared
    inner join latest
        on
            appeared.account_id = latest.account_id
            and appeared.source = latest.source
            and appeared.person_key = latest.person_key
            and appeared.spell_no = latest.spell_no
    left join gone
        on
            appeared.account_id = gone.account_id
            and appeared.source = gone.source
            and appeared.person_key = gone.person_key
            and appeared.spell_no = gone.spell_no
    left join classes on latest.title = classes.title
)

select * from final_cte
