"""dbt-bigquery builds the simulated sample: seeds, models, Python models, data and unit tests.

Unit tests of intermediate models are left to ZetaSQL.
"""

import textwrap

from dbt_on_emulator import DATASET, Build, EmulatedProject
from parity import CLOCK_COLUMNS, compare, marts

# What the emulator cannot run, by unique_id, with the reason. Nothing at present.
CANNOT_RUN: dict[str, str] = {}

FITS = ["investor_profile_models", "scam_evaluation_scores", "scam_models"]
SCORES = ["investor_profile_assignments", "scam_explanations", "scam_raw_scores"]


def test_every_seed_model_and_data_test_of_the_project_ran_and_passed(
    project: EmulatedProject, sample_build: Build, report: list[str]
) -> None:
    for kind in ("seed", "sql model", "python model", "test", "unit_test"):
        nodes = sample_build.of_kind(kind)
        report.append(f"{kind}: {len(nodes)} ran, {sum(node.seconds for node in nodes):.0f} s")
        names = ", ".join(node.name for node in nodes)
        report += textwrap.wrap(names, 100, initial_indent="    ", subsequent_indent="    ")

    assert not sample_build.failures(), sample_build.failures()
    assert {node.id for node in sample_build.nodes} == project.node_ids() - CANNOT_RUN.keys()


def test_all_python_models_ran_in_bigframes(sample_build: Build) -> None:
    assert {node.name for node in sample_build.of_kind("python model")} == {*FITS, *SCORES}
    assert sample_build.scripts.keys() == {*FITS, *SCORES}
    for script in sample_build.scripts.values():
        assert "session = bpd.get_global_session()" in script  # dbt's own wrapper


def test_a_second_run_scores_what_is_missing_and_fits_nothing_again(
    project: EmulatedProject, sample_build: Build
) -> None:
    tables = [mart for mart in marts(project.manifest) if mart.name in (*FITS, *SCORES)]
    before = {table.name: project.mart(table.name) for table in tables}
    for name in SCORES:
        project.query(f"delete from {DATASET}_marts.{name} where ends_with(address, 'a')")
        assert 0 < project.mart(name).num_rows < before[name].num_rows

    second = project.build(
        *("--select", *before),
        *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
    )

    assert not second.failures(), second.failures()
    assert second.scripts.keys() == before.keys()
    for table in tables:
        after = project.mart(table.name)
        assert compare(table, before[table.name], after).problems == []
        for clock in CLOCK_COLUMNS & {*after.schema.names}:
            times = len(set(after[clock].to_pylist()))
            assert times == (2 if table.name in SCORES else 1), table.name
