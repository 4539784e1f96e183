{#- P(K >= n) of a Beta-binomial count of `trials` with mean `share` and the weight of `concentration`
    trials behind it: the exact tail that the deflated share test stands in for (SCIENCE 2.3, 2.4). -#}
{% macro beta_binomial_tail(n, trials, share, concentration) -%}
list_sum(list_transform(
    range(cast({{ n }} as bigint), cast({{ trials }} as bigint) + 1),
    k -> exp(
        lgamma({{ trials }} + 1.0) - lgamma(k + 1.0) - lgamma({{ trials }} - k + 1.0)
        + lgamma(k + {{ share }} * {{ concentration }})
        + lgamma({{ trials }} - k + (1 - {{ share }}) * {{ concentration }})
        - lgamma({{ trials }} + {{ concentration }})
        - lgamma({{ share }} * {{ concentration }})
        - lgamma((1 - {{ share }}) * {{ concentration }})
        + lgamma({{ concentration }})
    )
))
{%- endmacro %}
