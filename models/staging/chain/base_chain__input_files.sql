with

entries as (

    {{ input_entries(chain_file_entries()) }}

)

select * from entries
