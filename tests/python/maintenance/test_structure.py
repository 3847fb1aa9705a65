import pytest

from maintenance.structure import graph, lengths, measures, places, prose, table
from maintenance.structure.project import Project


def model(name, folder, parents=(), language="sql"):
    suffix = {"sql": "sql", "python": "py"}[language]
    return {
        "unique_id": f"model.{name}",
        "resource_type": "model",
        "name": name,
        "language": language,
        "original_file_path": f"{folder}/{name}.{suffix}",
        "depends_on": {"nodes": [f"model.{parent}" for parent in parents] + ["source.chain"]},
    }


def manifest(*nodes, macros=(), unit_tests=()):
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "macros": {macro["name"]: macro for macro in macros},
        "unit_tests": {name: {} for name in unit_tests},
    }


@pytest.fixture
def five():
    """Load bounds, staging, intermediate, a mart and a Python model; two edges run up."""
    return manifest(
        model("base_chain__load_bounds", "models/staging/chain"),
        model("stg_chain__blocks", "models/staging/chain", ["base_chain__load_bounds"]),
        model("accounts", "models/marts/addresses", ["stg_chain__blocks"]),
        model("fits", "python_models", ["accounts"], "python"),
        model("int_addresses__keys", "models/intermediate/addresses", ["accounts", "fits"]),
    )


def test_models_are_counted_by_language(five):
    assert graph.languages(five) == (4, 1)


def test_the_longest_chain_counts_steps_and_no_load_bounds(five):
    assert graph.longest_chain(five) == 3


def test_edges_up_are_told_apart_by_what_is_read(five):
    assert graph.edges_up(five) == {("marts", "intermediate"): 1, ("python", "intermediate"): 1}


def test_marts_and_python_models_may_read_each_other():
    both_ways = manifest(
        model("accounts", "models/marts/addresses"),
        model("fits", "python_models", ["accounts"], "python"),
        model("scores", "models/marts/addresses", ["fits"]),
    )
    assert not graph.edges_up(both_ways)


@pytest.mark.parametrize(
    ("folder", "name", "carries"),
    [
        ("features", "int_features__address_gaps", True),
        ("tokens", "int_top_tokens", True),
        ("addresses", "int_address_keys", True),
        ("counterparties", "int_counterparty_counts", True),
        ("counterparties", "int_window_edges", False),
        ("scam_evaluation", "int_scam_score_groups", False),  # half of the name is not it
        ("token_activity", "int_window_address_tokens", False),
    ],
)
def test_a_name_carries_its_folder_whole_or_in_the_singular(folder, name, carries):
    assert graph.carries_folder(folder, name) is carries


def test_tests_are_counted_by_kind():
    tested = manifest(
        {"unique_id": "test.1", "resource_type": "test"},
        {"unique_id": "test.2", "resource_type": "test", "test_metadata": {"name": "unique"}},
        {"unique_id": "test.3", "resource_type": "test", "test_metadata": {"name": "not_null"}},
        unit_tests=["one"],
    )
    assert graph.tests_by_kind(tested) == (1, 2, 1)


def test_the_first_of_the_blocks_is_no_copy():
    block = "# --- shared: engine ---\na = 1\nb = 2\n# --- end shared ---\n"
    other = "# --- shared: scorer ---\nc = 3\n# --- end shared ---\n"
    assert lengths.copied_lines([block + "own = 0\n", other + block, block]) == 8


def test_lines_of_models_are_summed_up_by_median_and_maximum():
    assert lengths.median_and_maximum(["a\n", "a\nb\nc", "a\n" * 9]) == (3, 9)


def test_columns_in_flow_style_are_counted_outside_unit_tests():
    text = """
models:
  - name: blocks
    data_tests:
      - unique_combination:
          arguments: {columns: [number, miner]}
    columns:
      - {name: number, data_type: int64}
      - name: miner
        data_tests: [not_null]
unit_tests:
  - name: a block
    columns:
      - {name: number}
"""
    assert lengths.column_styles({"models/_chain__models.yml": text, "models/empty.yml": ""}) == (
        1,
        2,
    )


def test_property_files_lie_beside_models_and_seeds():
    files = {"models/a.yml": "", "seeds/b.yml": "", "dbt_project.yml": "", "models/a.sql": ""}
    assert list(lengths.property_files(files)) == ["models/a.yml", "seeds/b.yml"]


def test_places_are_lines_and_an_entry_of_a_yaml_file_is_one():
    files = {
        "models/amounts.sql": "a as dust_share,\n1 as dust_share_of_all\n",
        "models/_models.yml": "- name: dust_share\n  data_type: x\n  doc: doc('dust_share')\n",
        "tests/python/oracle.py": '"dust_share"\n"dust_share"\n',
        "models/_features__unit_tests.yml": "- {dust_share: 0}\n",
        "README.md": "dust_share\n",
        "docs/bigquery_cost.md": "dust_share\n",
        "maintenance/structure/measures.py": "dust_share\n",
    }
    assert places.required_places(files, places.word("dust_share")) == places.Places(3, 4)
    assert places.all_places(files, places.word("dust_share")) == places.Places(5, 6)


@pytest.mark.parametrize(
    ("path", "line", "is_named"),
    [
        ("a.sql", "where evaluation = 'to_date'", True),
        ("a.py", '("time", "to_date")', True),
        ("a.sql", "to_date,", False),
        ("a.sql", "'past|to_date'", False),
        ("a.yml", "values: [random, to_date]", True),
        ("a.yml", "  - to_date", True),
        ("a.yml", "description: counts to_date", False),
        ("a.csv", "to_date,past,lifetime", True),
        ("a.csv", "future_to_date,past", False),
    ],
)
def test_a_name_that_is_a_word_elsewhere_is_looked_for_as_a_value(path, line, is_named):
    assert places.value("to_date")(path, line) is is_named


def macro(name, sql, calls=()):
    return {"name": name, "macro_sql": sql, "depends_on": {"macros": list(calls)}}


def test_the_catalogue_is_read_with_the_macros_it_calls():
    catalogued = manifest(
        macros=[
            macro("feature_catalogue", "{'name': 'tx_count'}", ["amount_features", "dbt.return"]),
            macro("amount_features", '{"name": "dust_share", "unit": "share"}'),
            macro("elsewhere", "{'name': 'no_feature'}"),
        ]
    )
    features = places.catalogue_features(catalogued)
    assert features == ["tx_count", "dust_share"]
    assert places.new_features(features, {"a.sql": "1 as tx_count"}) == ["dust_share"]


def test_a_project_without_a_catalogue_has_no_features_in_it():
    assert places.catalogue_features(manifest(macros=[macro("elsewhere", "")])) == []


def test_sentences_leave_out_code_headings_and_rulers():
    page = """
# A heading; not counted

You load it; `a; b` stays. Your files
wrap.

```
code; for you
```

| table | holds |
|---|---|
| scores | one row; nothing – else |
| 1 | – |

- first item
- see [the page](https://example.org/a;b)
"""
    assert prose.sentences(page) == [
        "You load it; x stays.",
        "Your files wrap.",
        "| table | holds |",
        "| scores | one row; nothing – else |",
        "first item",
        "see [the page]",
    ]
    assert prose.prose_count(page) == prose.ProseCount(
        sentences=6, semicolons=2, dashes=1, addresses=2
    )


def test_rates_are_per_hundred_sentences():
    assert prose.prose_count("You do; it works. Fine.").rate("semicolons") == 50
    assert prose.prose_count("").rate("semicolons") == 0


def test_pages_are_those_for_readers():
    files = {"README.md": "", "docs/labels.md": "", "models/_docs.md": "", "CHANGELOG.md": ""}
    assert list(prose.pages(files)) == ["README.md", "docs/labels.md"]


def test_the_table_has_a_row_for_each_measure(five, monkeypatch):
    files = {node["original_file_path"]: "a\nb\n" for node in five["nodes"].values()} | {
        "models/_models.yml": "models: [{name: fits, columns: [{name: run_id}]}]",
        "README.md": "You read; it is short.",
    }
    catalogue = macro("feature_catalogue", "{'name': 'new_share'}")
    now = Project(files | {"macros/a.sql": "new_share"}, five | {"macros": {"a": catalogue}})
    monkeypatch.setattr(table, "first_committed", lambda *_: None)
    written = table.comparison(Project(files, five), now, "abc123").splitlines()
    assert written[0] == "| measure | before (abc123) | now | aim |"
    assert len(written) == 2 + len(measures.measures("new_share"))
    assert "| edges mart → intermediate | 1 | 1 | 0 |" in written
    assert any(
        row.startswith("| a feature costs: new_share | not there | 1 place in 1 file ")
        for row in written
    )


def test_the_newest_feature_is_the_one_committed_last(monkeypatch):
    entries = "{'name': 'first'} {'name': 'second'} {'name': 'third'}"
    now = Project({}, manifest(macros=[macro("feature_catalogue", entries)]))
    times = {"first": 1, "second": 3, "third": 2}
    monkeypatch.setattr(table, "first_committed", lambda pattern, *_: times[pattern[4:-4]])
    assert table.newest_feature(Project({}, {}), now, "abc123") == "second"
    assert table.newest_feature(Project({"a": "first second third"}, {}), now, "abc123") is None
