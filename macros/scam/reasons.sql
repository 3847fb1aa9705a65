{#
    A feature's value (double) as an analyst reads it, by the units of the
    catalogue: seconds as minutes or days, wei as ETH, shares as percent, large
    numbers with separators or in words. NULL for NULL.
#}
{% macro reason_value_text(value, unit) -%}
    case
        when {{ value }} is null then null
        when {{ unit }} = 'seconds' and {{ value }} < 0
            then concat('minus ', {{ duration_text('(-' ~ value ~ ')') }})
        when {{ unit }} = 'seconds' then {{ duration_text(value) }}
        when {{ unit }} = 'log' then {{ plain_number_text('exp(' ~ value ~ ')') }}
        when {{ unit }} = 'wei' then concat(
            {{ plain_number_text('(' ~ value ~ ' / 1e18)') }}, ' ETH'
        )
        when {{ unit }} = 'eth' then concat({{ plain_number_text(value) }}, ' ETH')
        when {{ unit }} = 'gas_price' then concat(
            {{ plain_number_text('(' ~ value ~ ' / 1e9)') }}, ' gwei'
        )
        when {{ unit }} = 'share' then {{ percent_text(value) }}
        when {{ unit }} = 'per_second' and {{ value }} >= 1 then 'second or faster, or just one in all'
        when {{ unit }} = 'per_second' and {{ value }} = 0 then 'unlimited time'
        when {{ unit }} = 'per_second'
            then {{ duration_text('(1 / nullif(' ~ value ~ ', 0))') }}
        -- The number of equally used hours that has the same entropy.
        when {{ unit }} = 'bits' then {{ number_text('pow(2, ' ~ value ~ ')', '%.1f') }}
        when {{ unit }} = 'hour' then concat(
            {{ number_text(value, '%.0f') }}, ':00 UTC'
        )
        else {{ plain_number_text(value) }}
    end
{%- endmacro %}

{# Seconds in the unit people would choose, so that the number is 2 or more. #}
{% macro duration_text(seconds) -%}
    case
        when {{ seconds }} > 0.5 and {{ seconds }} < 1.5 then '1 second'
        when {{ seconds }} < 90
            then concat({{ number_text(seconds, '%.0f') }}, ' seconds')
        when {{ seconds }} < 5400
            then concat({{ number_text(seconds ~ ' / 60', '%.0f') }}, ' minutes')
        when {{ seconds }} < 129600
            then concat({{ number_text(seconds ~ ' / 3600', '%.0f') }}, ' hours')
        when {{ seconds }} < 63072000
            then concat({{ number_text(seconds ~ ' / 86400', '%.0f') }}, ' days')
        else concat({{ number_text(seconds ~ ' / 31557600', '%.1f') }}, ' years')
    end
{%- endmacro %}

{# A share 0 to 1 in percent. One that is not quite all does not become 100. #}
{% macro percent_text(share) -%}
    case
        when {{ share }} > 0 and {{ share }} < 0.0001 then 'less than 0.01 %'
        when {{ share }} > 0.9999 and {{ share }} < 1 then 'more than 99.99 %'
        when {{ share }} < 0.01 or ({{ share }} > 0.99 and {{ share }} < 1)
            then concat({{ number_text('100 * ' ~ share, '%.4g') }}, ' %')
        else concat({{ number_text('100 * ' ~ share, '%.0f') }}, ' %')
    end
{%- endmacro %}

{# A number without exponent: few digits, separators, millions in words. #}
{% macro plain_number_text(number) -%}
    {%- set size = 'abs(' ~ number ~ ')' -%}
    {%- set whole = 'cast(round(least(' ~ size ~ ', 1e6)) as ' ~ dbt.type_bigint() ~ ')' -%}
    case
        when {{ number }} = 0 then '0'
        when {{ size }} < 0.001
            then case when {{ number }} > 0 then 'less than 0.001' else 'more than -0.001' end
        else concat(
            case when {{ number }} < 0 then '-' else '' end,
            case
                when {{ size }} < 1 then {{ number_text(size, '%.2g') }}
                when {{ size }} < 1000 and {{ size }} = floor({{ size }})
                    then {{ number_text(size, '%.0f') }}
                when {{ size }} < 99.95 then {{ number_text(size, '%.3g') }}
                when {{ size }} < 999.5 then {{ number_text(size, '%.0f') }}
                when {{ size }} < 999999.5
                    then concat(
                        cast(cast(floor({{ whole }} / 1000) as {{ dbt.type_bigint() }}) as {{ dbt.type_string() }}),
                        ',',
                        lpad(cast(mod({{ whole }}, 1000) as {{ dbt.type_string() }}), 3, '0')
                    )
                when {{ size }} < 999950000
                    then concat({{ number_text(size ~ ' / 1e6', '%.1f') }}, ' million')
                when {{ size }} < 1e15
                    then concat({{ number_text(size ~ ' / 1e9', '%.1f') }}, ' billion')
                else {{ number_text(size, '%.2g') }}
            end
        )
    end
{%- endmacro %}
