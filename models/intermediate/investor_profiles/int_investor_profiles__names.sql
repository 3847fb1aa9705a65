{{ config(
    materialized='incremental',
    unique_key=['run_id', 'cluster'],
    full_refresh=false,
) }}
-- Names are given once and kept. Rebuilt, they would follow the features of the
-- day, and a profile would change its name without a new run.

with

rules as (

    select * from {{ ref('int_investor_profiles__rules') }}

),

matches as (

    select * from {{ ref('int_investor_profiles__matches') }}

),

given_names as (
    {% if is_incremental() %}
    select
        run_id,
        cluster,
        name_stem,
        name_number
    from {{ this }}
    {% else %}
    select
        run_id,
        cluster,
        rule_name as name_stem,
        1 as name_number
    from rules
    where false
    {% endif %}
),

new_profiles as (

    select rules.*
    from rules
    left join given_names
        on
            rules.run_id = given_names.run_id
            and rules.cluster = given_names.cluster
    where given_names.run_id is null

),

wanted_names as (

    select
        new_profiles.run_id,
        new_profiles.cluster,
        new_profiles.addresses,
        given_names.name_number as kept_number,
        coalesce(given_names.name_stem, new_profiles.rule_name) as name_stem
    from new_profiles
    left join matches
        on
            new_profiles.run_id = matches.run_id
            and new_profiles.cluster = matches.cluster
    left join given_names
        on
            matches.previous_run_id = given_names.run_id
            and matches.previous_cluster = given_names.cluster

),

-- Of several alike profiles a kept name comes first, then the larger one.
ranked_names as (

    select
        *,
        coalesce(
            max(kept_number) over (partition by run_id, name_stem), 0
        ) as kept_numbers,
        row_number() over (
            partition by
                run_id,
                name_stem,
                case when kept_number is null then 0 else 1 end
            order by addresses desc, cluster asc
        ) as position
    from wanted_names

),

numbered_names as (

    select
        *,
        coalesce(kept_number, kept_numbers + position) as name_number
    from ranked_names

)

select
    run_id,
    cluster,
    name_stem,
    case
        when name_number = 1 then name_stem
        else concat(
            name_stem, ' ', cast(name_number as {{ dbt.type_string() }})
        )
    end as profile,
    name_number,
    kept_number is not null as is_name_kept
from numbered_names
