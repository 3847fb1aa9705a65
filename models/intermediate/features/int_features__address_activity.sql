with

activity as (

    {{ merged_activity(only_changed=true) }}

)

select * from activity
