-- Signal types, for labels and families.
with signal_types as (
    select * from {{ source('published', 'dim_signal_types') }}
),

final_cte as (
    select
        signal_type,
        label_nb,
        label_en,
        family
    from signal_types
)

select * from final_cte
