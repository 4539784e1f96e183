with source_rows as (
    select * from {{ source('lyttepost', 'sources') }}
),

renamed as (
    select
        cast(source as varchar) as source,
        cast(kinds as varchar[]) as kinds,
        cast(needs as varchar) as needs,
        cast(countries as varchar[]) as countries,
        cast(label_nb as varchar) as label_nb,
        cast(label_en as varchar) as label_en
    from source_rows
)

select * from renamed
