-- Changes of a source, not of the companies in it: an industry code given a new number, a
-- postal reform, a vendor's new template, a site's own new frame. Many accounts of one source changed in one way on
-- one day, judged by what that day and the days before it showed, so that a past day is
-- never judged anew. No signal of the accounts is made of them (signals).
with registry as (
    select * from {{ ref('hist_registry') }}
),

roles as (
    select * from {{ ref('hist_registry_roles') }}
),

lists as (
    select * from {{ ref('hist_people_lists') }}
    where is_evidence
),

page_changes as (
    select * from {{ ref('hist_page_changes') }}
    where n_accounts_alike >= 3 and known_at is not null
),

templates_of_sites as (
    select * from {{ ref('hist_template_changes') }}
),

visits as (
    select * from {{ ref('hist_visits') }}
    where is_ok and account_id is not null
),

list_steps as (
    select
        account_id,
        source,
        url,
        day,
        person_keys,
        lag(person_keys) over (partition by account_id, source, url order by fetched_at) as previous_keys
    from lists
),

changes as (
    select
        visits.source,
        visits.day,
        registry.account_id,
        'registry_field' as kind,
        registry.field as subject,
        registry.previous_value as value_before,
        registry.value as value_after
    from registry
    inner join visits on registry.after_visit_id = visits.visit_id
    where not registry.is_first and not registry.is_correction and registry.is_sub_unit is not true
    union all
    select
        visits.source,
        visits.day,
        roles.account_id,
        'registry_roles' as kind,
        lower(roles.group_code) as subject,
        case when roles.event = 'gone' then roles.holder_name end as value_before,
        case when roles.event = 'appeared' then roles.holder_name end as value_after
    from roles
    inner join visits on roles.after_visit_id = visits.visit_id
    where not roles.is_left_censored
    union all
    -- Half of a list or more at once.
    select
        source,
        day,
        account_id,
        'people_list' as kind,
        'people' as subject,
        array_to_string(previous_keys[:3], ', ') as value_before,
        array_to_string(person_keys[:3], ', ') as value_after
    from list_steps
    where
        greatest(len(previous_keys), len(person_keys)) >= 3
        -- Most lists are as they were, and nothing of them is to be counted.
        and case
            when person_keys = previous_keys then false
            else
                2 * len(list_intersect(previous_keys, person_keys))
                < greatest(len(previous_keys), len(person_keys))
        end
),

read_days as (
    select
        source,
        day,
        count(distinct account_id) as n_read
    from visits
    group by source, day
),

subjects as (
    select distinct
        source,
        kind,
        subject
    from changes
),

subject_days as (
    select
        source,
        kind,
        subject,
        day,
        count(distinct account_id) as n_accounts,
        list_sort(list(distinct account_id)) as account_ids,
        arg_min(value_before, (account_id, value_before, value_after)) as example_before,
        arg_min(value_after, (account_id, value_before, value_after)) as example_after
    from changes
    group by source, kind, subject, day
),

-- Every day on which the source was read counts, also those without a change.
usual as (
    select
        subjects.source,
        subjects.kind,
        subjects.subject,
        read_days.day,
        read_days.n_read,
        subject_days.n_accounts,
        subject_days.account_ids,
        subject_days.example_before,
        subject_days.example_after,
        avg(coalesce(subject_days.n_accounts, 0)) over earlier as usual_mean,
        stddev_samp(coalesce(subject_days.n_accounts, 0)) over earlier as usual_sd
    from subjects
    inner join read_days on subjects.source = read_days.source
    left join subject_days
        on
            subjects.source = subject_days.source
            and subjects.kind = subject_days.kind
            and subjects.subject = subject_days.subject
            and read_days.day = subject_days.day
    window
        earlier as (
            partition by subjects.source, subjects.kind, subjects.subject
            order by read_days.day
            rows between unbounded preceding and 1 preceding
        )
),

shares as (
    -- Two of five accounts is a coincidence; a source that changes changes for many.
    select
        source,
        day,
        kind,
        subject,
        n_accounts,
        n_read,
        account_ids,
        example_before,
        example_after,
        cast(day as timestamp) + interval 1 day as known_at
    from usual
    where
        n_accounts >= 3
        and n_accounts > 0.2 * n_read
        and n_accounts > coalesce(usual_mean, 0) + 3 * coalesce(usual_sd, 0)
),

-- One value that became one other value for several accounts at once. That several go
-- bankrupt on one day is no pattern: yes and no are everybody's values.
patterns as (
    select
        changes.source,
        changes.day,
        changes.kind || '_pattern' as kind,
        changes.subject,
        count(distinct changes.account_id) as n_accounts,
        any_value(read_days.n_read) as n_read,
        list_sort(list(distinct changes.account_id)) as account_ids,
        changes.value_before as example_before,
        changes.value_after as example_after,
        cast(changes.day as timestamp) + interval 1 day as known_at
    from changes
    inner join read_days using (source, day)
    where
        changes.kind = 'registry_field'
        and changes.value_before is not null
        and changes.value_after not in ('true', 'false')
    group by changes.source, changes.day, changes.kind, changes.subject, changes.value_before, changes.value_after
    having count(distinct changes.account_id) >= greatest(3, 0.02 * any_value(read_days.n_read))
),

templates as (
    select
        source,
        day,
        'page_text' as kind,
        text_alike as subject,
        any_value(n_accounts_alike) as n_accounts,
        any_value(n_accounts_read) as n_read,
        any_value(accounts_alike) as account_ids,
        cast(null as varchar) as example_before,
        text_alike as example_after,
        min(known_at) as known_at
    from page_changes
    group by source, day, text_alike
),

-- The frame of one site on half of its pages at once. It sets nothing aside: what the
-- frame holds makes no signal, and what the pages themselves say stands.
sites as (
    select
        templates_of_sites.source,
        templates_of_sites.day,
        'site_template' as kind,
        array_to_string(templates_of_sites.parts, ', ') as subject,
        cast(1 as bigint) as n_accounts,
        read_days.n_read,
        [templates_of_sites.account_id] as account_ids,
        cast(null as varchar) as example_before,
        templates_of_sites.account_id
        || ': '
        || templates_of_sites.n_pages_changed
        || ' of '
        || templates_of_sites.n_pages_read
        || ' pages'
        || case when templates_of_sites.is_redesign then ', built anew' else '' end as example_after,
        templates_of_sites.known_at
    from templates_of_sites
    inner join read_days using (source, day)
),

found as (
    select * from shares
    union all
    select * from patterns
    union all
    select * from templates
    union all
    select * from sites
),

final_cte as (
    select
        source,
        day,
        kind,
        {{ first_words('subject') }} as subject,
        n_accounts as accounts_touched,
        n_read as accounts_read,
        account_ids,
        coalesce({{ first_words('example_before') }}, '') as example_before,
        coalesce({{ first_words('example_after') }}, '') as example_after,
        known_at
    from found
)

select * from final_cte
