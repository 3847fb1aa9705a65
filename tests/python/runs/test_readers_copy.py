"""The copy that the README makes for readers answers, views included."""

import subprocess
from pathlib import Path

import duckdb

from support import PROJECT_DIRECTORY

DATABASE = "ethereum_address_intelligence.duckdb"


def test_views_answer_in_the_copy_that_the_readme_makes(tmp_path: Path) -> None:
    section = (
        (PROJECT_DIRECTORY / "README.md").read_text().split("## Reading while a build runs")[1]
    )
    command = section.split("```")[1].strip().removeprefix("make daily && ")
    # dbt writes the name of the database, which is that of its file, into views.
    name = Path(DATABASE).stem
    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        connection.execute("create table scores as select 1 as score")
        connection.execute(f"create view queue as select * from {name}.main.scores")
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True)
    [copy] = [path for path in tmp_path.rglob("*.duckdb") if path != tmp_path / DATABASE]
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("select * from queue").fetchall() == [(1,)]
