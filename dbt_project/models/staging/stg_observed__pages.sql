{{ config(materialized='landed', meta={'source': 'observed.pages', 'threads': 1}) }}
-- Written by one thread: of 420,000 pages it takes 5.7 GB and 98 s of processor time, by two
-- 7.1 GB and 131 s (2026-11-28).
with source_rows as (
    select * from {{ landed('observed', 'pages') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(url as varchar) as url,
        cast(payload_digest as varchar) as payload_digest,
        cast(parser_version as varchar) as parser_version,
        cast(record_index as bigint) as record_index,
        cast(title as varchar) as title,
        cast(language as varchar) as language,
        cast(main_text as varchar) as main_text,
        cast(text_digest as varchar) as text_digest,
        cast(
            blocks as struct(role varchar, text varchar, terms varchar[], meaning varchar, is_matter boolean)[]
        ) as blocks,
        cast(nav_labels as varchar[]) as nav_labels,
        cast(links as struct(url varchar, label varchar)[]) as links,
        cast(landed_file as varchar) as landed_file
    from source_rows
)

select * from renamed
