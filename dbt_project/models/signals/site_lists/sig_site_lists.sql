-- What the lists and words of a company's own pages tell: a partner that is no longer
-- named, a trade of customers never named before, another price, another account of itself.
-- Certifications, which the press tells too, are in site_certifications. Nothing is told that
-- came with a redesign, or of a page that has changed so often that another change is no news.
with calm as (
    select * from {{ ref('site_calm_changes') }}
    where part in ('partners', 'segments', 'prices', 'positioning')
),

layouts as (
    select * from {{ ref('hist_site_structure') }}
    where part = 'partners'
),

page_visits as (
    select * from {{ ref('hist_page_visits') }}
),

entries as (
    select
        account_id,
        part,
        url,
        valid_from,
        known_at,
        valid_to_known_at,
        unnest(layout) as entry
    from layouts
),

partner_lists as (
    select
        *,
        len(list_filter(before_items, entry -> not list_contains(after_targets, entry.target))) as n_lost
    from calm
    where part = 'partners' and len(before_items) >= 3 and len(after_items) >= 2
),

partner_items as (
    select
        *,
        unnest(before_items) as item
    from partner_lists
    where n_lost <= least(3, greatest(1, 0.34 * len(before_items)))
),

partner_losses as (
    select
        * exclude (item),
        item.label,
        item.target as partner_key
    from partner_items
    where
        not list_contains(after_targets, item.target)
        -- Written more shortly, or with a word more, it is the same name.
        and len(list_filter(
            after_targets,
            target -> {{ same_company('target', 'item.target') }}
        )) = 0
),

partner_returns as (
    -- Named on some page of the site again, or still.
    select
        partner_losses.account_id,
        partner_losses.url,
        partner_losses.partner_key,
        partner_losses.effective_hi,
        min(entries.known_at) as named_at
    from partner_losses
    inner join entries
        on
            partner_losses.account_id = entries.account_id
            and entries.part = 'partners'
            and partner_losses.partner_key = entries.entry.target
            and coalesce(entries.valid_to_known_at > partner_losses.stood_three_weeks_at, true)
    group by
        partner_losses.account_id, partner_losses.url, partner_losses.partner_key,
        partner_losses.effective_hi
),

partners as (
    select
        'partner_removed' as signal_type,
        partner_losses.label as subject,
        partner_losses.* exclude (reverted_at),
        1.0 as strength,
        cast(null as double) as effect,
        partner_losses.label as quote_before,
        array_to_string(list_transform(partner_losses.after_items, entry -> entry.label), ', ') as quote_after,
        partner_returns.named_at as reverted_at
    from partner_losses
    left join partner_returns using (account_id, url, partner_key, effective_hi)
    where coalesce(partner_returns.named_at > partner_losses.stood_three_weeks_at, true)
),

segment_lists as (
    select
        *,
        list_filter(after_items, entry -> not list_contains(earlier_targets, entry.target)) as new_items
    from calm
    where
        part = 'segments'
        and len(before_items) >= 2
        and effective_hi - observed_from >= interval 84 day
),

segments as (
    select
        'customer_segment_shift' as signal_type,
        array_to_string(list_transform(new_items, entry -> entry.target), ', ') as subject,
        segment_lists.*,
        1.0 as strength,
        cast(null as double) as effect,
        array_to_string(list_transform(before_items, entry -> entry.label), ', ') as quote_before,
        array_to_string(list_transform(new_items, entry -> entry.label), ', ') as quote_after
    from segment_lists
    where len(new_items) between 1 and 3
),

price_pairs as (
    select
        calm.account_id,
        calm.source,
        calm.url,
        calm.effective_hi,
        old.label,
        string_split(old.target, '|') as old_parts,
        string_split(new.target, '|') as new_parts
    from calm, unnest(before_items) as before_prices (old), unnest(after_items) as after_prices (new)
    where
        calm.part = 'prices'
        and string_split(old.target, '|')[1] = string_split(new.target, '|')[1]
        and string_split(old.target, '|')[3] = string_split(new.target, '|')[3]
        -- One more amount under a heading shifts the others.
        and len(list_filter(
            before_items,
            entry -> split_part(split_part(entry.target, '|', 1), ' #', 1)
            = split_part(split_part(old.target, '|', 1), ' #', 1)
        ))
        = len(list_filter(
            after_items,
            entry -> split_part(split_part(entry.target, '|', 1), ' #', 1)
            = split_part(split_part(old.target, '|', 1), ' #', 1)
        ))
),

amounts as (
    select
        *,
        cast(old_parts[2] as double) as old_amount,
        cast(new_parts[2] as double) as new_amount,
        cast(new_parts[2] as double) / cast(old_parts[2] as double) as ratio
    from price_pairs
    where cast(old_parts[2] as double) > 0 and not {{ is_campaign('label') }}
),

other_amounts as (
    select
        *,
        case
            when old_parts[3] in ('PCT', 'HOURS', 'DAYS', 'WEEKS', 'MONTHS', 'YEARS')
                then replace(old_parts[2], '.', ',') || ' ' || lower(old_parts[3])
            else
                replace(old_parts[2], '.', ',') || ' ' || old_parts[3]
                || case when old_parts[4] <> '' then '/' || old_parts[4] else '' end
        end as old_words,
        case
            when old_parts[3] in ('PCT', 'HOURS', 'DAYS', 'WEEKS', 'MONTHS', 'YEARS')
                then replace(new_parts[2], '.', ',') || ' ' || lower(new_parts[3])
            else
                replace(new_parts[2], '.', ',') || ' ' || new_parts[3]
                || case when new_parts[4] <> '' then '/' || new_parts[4] else '' end
        end as new_words
    from amounts
    where
        -- Rounding.
        abs(ln(ratio)) >= 0.01
        and not (abs(new_amount - old_amount) < 1 and old_parts[3] not in ('PCT'))
        -- The same price with and without VAT of 25, 15 or 12 per cent.
        and not (
            (old_parts[5] = '' or old_parts[5] <> new_parts[5])
            and least(
                abs(abs(ln(ratio)) - ln(1.25)), abs(abs(ln(ratio)) - ln(1.15)), abs(abs(ln(ratio)) - ln(1.12))
            ) < 0.006
        )
),

price_lines as (
    select
        account_id,
        source,
        url,
        effective_hi,
        count(*) as n_changed,
        arg_max(label, (abs(ln(ratio)), label)) as label,
        arg_max(old_words, (abs(ln(ratio)), label)) as old_words,
        arg_max(new_words, (abs(ln(ratio)), label)) as new_words,
        arg_max(ratio, (abs(ln(ratio)), label)) as ratio
    from other_amounts
    group by account_id, source, url, effective_hi
),

prices as (
    select
        'price_or_terms_change' as signal_type,
        {{ first_words('price_lines.label', 10) }} as subject,
        calm.*,
        least(1.0, 0.5 + abs(ln(price_lines.ratio))) as strength,
        price_lines.ratio as effect,
        price_lines.label || ': ' || price_lines.old_words as quote_before,
        price_lines.label || ': ' || price_lines.new_words as quote_after
    from calm
    inner join price_lines using (account_id, source, url, effective_hi)
    where calm.part = 'prices'
),

statements as (
    select
        calm.*,
        array_to_string(
            list_transform(
                list_filter(before_items, entry -> starts_with(entry.target, 'heading: ')), entry -> entry.label
            ), ' '
        ) as old_heading,
        array_to_string(
            list_transform(
                list_filter(after_items, entry -> starts_with(entry.target, 'heading: ')), entry -> entry.label
            ), ' '
        ) as new_heading,
        array_to_string(
            list_transform(
                list_filter(before_items, entry -> not starts_with(entry.target, 'heading: ')),
                entry -> entry.label
            ), ' '
        ) as old_words,
        array_to_string(
            list_transform(
                list_filter(after_items, entry -> not starts_with(entry.target, 'heading: ')),
                entry -> entry.label
            ), ' '
        ) as new_words
    from calm
    where part = 'positioning' and n_settled <= 2
),

statement_visits as (
    select
        statements.*,
        {{ shared_words('old_heading', 'new_heading') }} as heading_shared,
        {{ shared_words('old_words', 'new_words') }} as words_shared,
        len(string_split({{ label_key('old_heading') }}, ' ')) as n_old_heading,
        len(string_split({{ label_key('new_heading') }}, ' ')) as n_new_heading,
        len(string_split({{ label_key('old_words') }}, ' ')) as n_old_words,
        len(string_split({{ label_key('new_words') }}, ' ')) as n_new_words,
        (before_page.language is distinct from after_page.language) as is_other_language
    from statements
    left join page_visits as before_page on statements.before_ref = before_page.visit_id
    left join page_visits as after_page on statements.after_ref = after_page.visit_id
),

rewritten as (
    select
        *,
        -- A heading of three words is a name or a greeting.
        least(n_old_heading, n_new_heading) >= 4 and heading_shared < 0.4 as is_heading_new,
        least(n_old_words, n_new_words) >= 15 and words_shared < 0.4 as is_text_new
    from statement_visits
    where not is_other_language
),

positioning as (
    select
        'positioning_change' as signal_type,
        case when is_heading_new then {{ first_words('new_heading', 10) }} else {{ first_words('new_words', 10) }} end
            as subject,
        rewritten.*,
        1.0 as strength,
        case when is_heading_new then heading_shared else words_shared end as effect,
        case when is_heading_new then old_heading else old_words end as quote_before,
        case when is_heading_new then new_heading else new_words end as quote_after
    from rewritten
    where
        (is_heading_new or is_text_new)
        and not {{ is_campaign('new_heading') }}
        and not {{ is_campaign('old_heading') }}
    -- The front page and the page about the company tell of one change: once.
    qualify
        row_number() over (
            partition by account_id, cast(date_trunc('month', effective_hi) as date)
            order by stood_three_weeks_at, effective_hi, url
        ) = 1
),

told as (
    {{ one_after_the_other(['partners', 'segments', 'prices', 'positioning'], 'stood_three_weeks_at') }}
),

final_cte as (
    select
        account_id,
        signal_type,
        subject,
        effective_lo,
        effective_hi,
        effective_pt,
        stood_three_weeks_at as known_at,
        case
            when reverted_at > stood_three_weeks_at and reverted_at <= stood_three_weeks_at + interval 60 day
                then reverted_at
        end as superseded_at,
        strength * {{ interval_weight('effective_lo', 'effective_hi') }} as strength,
        cast(null as double) as p_value,
        'observed_act' as evidence_class,
        before_ref,
        after_ref,
        {{ first_words('quote_before') }} as quote_before,
        {{ first_words('quote_after') }} as quote_after,
        cast(null as varchar) as function,
        cast(null as bigint) as seniority,
        cast(null as varchar) as person_name,
        cast(null as varchar) as person_title,
        effect,
        source,
        url
    from told
)

select * from final_cte
