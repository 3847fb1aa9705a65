{{ config(store_failures=true) }}

-- Each row of a file is accepted, a duplicate, rejected or too early. The four
-- are counted in different places. A Parquet file says how many it holds.
-- Where tables grow by days, a copy can be of an earlier load, and a file has
-- rows of other days than the run reads.
select *
from {{ ref('input_files') }}
where
    table_name is not null
    and (
        least(rows_accepted, rows_duplicate, rows_rejected, rows_too_early) < 0
        or rows_unused < 0
        or rows_read < rows_rejected + rows_too_early
        {%- if not loads_incrementally() %}
        or rows_read
        <> rows_accepted + rows_duplicate + rows_rejected + rows_too_early
        or rows_read <> coalesce(rows_in_file, rows_read)
        {%- endif %}
    )
