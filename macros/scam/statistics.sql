{#
    Bounds of the 95 % Wilson score interval of a proportion (Wilson 1927),
    NULL without trials. Unlike the normal interval it stays inside 0 … 1 and
    has a width even where every trial or none succeeded. There one end is known
    and not computed: the difference of two equal numbers came out as 0 on one
    engine and as 5e-17 on the other.
#}
{% macro wilson_low(successes, trials) -%}
    case
        when {{ successes }} = 0 and {{ trials }} > 0 then 0.0
        when {{ successes }} is not null and {{ trials }} > 0
            then {{ wilson_bound(successes, trials, '-') }}
    end
{%- endmacro %}
{% macro wilson_high(successes, trials) -%}
    case
        when {{ successes }} = {{ trials }} and {{ trials }} > 0 then 1.0
        when {{ successes }} is not null and {{ trials }} > 0
            then {{ wilson_bound(successes, trials, '+') }}
    end
{%- endmacro %}
{% macro wilson_bound(successes, trials, sign) -%}
    {%- set n = 'cast(' ~ trials ~ ' as ' ~ type_double() ~ ')' -%}
    {%- set p = '(' ~ successes ~ ' / ' ~ n ~ ')' -%}
    {%- set z = '1.959963984540054' -%}
    (
        {{ p }} + {{ z }} * {{ z }} / (2 * {{ n }})
        {{ sign }} {{ z }} * sqrt(
            {{ p }} * (1 - {{ p }}) / {{ n }}
            + {{ z }} * {{ z }} / (4 * {{ n }} * {{ n }})
        )
    ) / (1 + {{ z }} * {{ z }} / {{ n }})
{%- endmacro %}

{#
    How often a row is drawn into a bootstrap sample: a Poisson number with
    mean 1 from a uniform integer 0 … 2,147,483,646, by the inverse of its
    distribution (Chamandy et al. 2012, "Estimating uncertainty for massive
    data streams"). More than eight draws have a chance of one in a million.
#}
{% macro poisson_weight(draw) -%}
    case
        when {{ draw }} < 790015084 then 0
        when {{ draw }} < 1580030168 then 1
        when {{ draw }} < 1975037710 then 2
        when {{ draw }} < 2106706891 then 3
        when {{ draw }} < 2139624186 then 4
        when {{ draw }} < 2146207645 then 5
        when {{ draw }} < 2147304888 then 6
        when {{ draw }} < 2147461637 then 7
        else 8
    end
{%- endmacro %}

{#
    Query for the maps of a bootstrap: for replicate 1 to bootstrap_replicates a
    linear map modulo 2^31 - 1, which turns the number of an address into its
    draw, the same on every engine and in every build.
#}
{% macro bootstrap_maps() -%}
    select
        replicate,
        {% for name, largest in [
            ('multiplier', 2147483646), ('increment', 2147483647)
        ] -%}
        {{ '1 + ' if name == 'multiplier' }}{{ address_bucket(
            "concat('" ~ name ~ " ', cast(replicate as "
            ~ dbt.type_string() ~ "))", largest
        ) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    from (
        {# The series is of doubles on DuckDB, whose text is 1.0. #}
        select cast(generated_number as {{ dbt.type_int() }}) as replicate
        from (
            {{ dbt.generate_series(setting('bootstrap_replicates')) }}
        ) as series
    ) as replicates
{%- endmacro %}

{#
    Columns of the 95 % interval of a metric over bootstrap replicates, its
    2.5 % and 97.5 % quantiles, from the relation of ranked_replicates(). A
    replicate without a value, because it drew no scam, does not count.
#}
{% macro interval_columns(metric) -%}
    min(
        case
            when 40 * {{ metric }}_position >= {{ metric }}_replicates
                then {{ metric }}
        end
    ) as {{ metric }}_low,
    min(
        case
            when 40 * {{ metric }}_position >= 39 * {{ metric }}_replicates
                then {{ metric }}
        end
    ) as {{ metric }}_high
{%- endmacro %}

{# Query for replicates with the position of each metric within the key. #}
{% macro ranked_replicates(relation, key, metrics) -%}
    select
        *,
        {% for metric in metrics -%}
        case
            when replicate > 0 and {{ metric }} is not null
                then row_number() over (
                    partition by
                        {{ key }}, replicate > 0 and {{ metric }} is not null
                    order by {{ metric }}
                )
        end as {{ metric }}_position,
        count(case when replicate > 0 then {{ metric }} end) over (
            partition by {{ key }}
        ) as {{ metric }}_replicates{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ relation }}
{%- endmacro %}
