"""The project's conventions: descriptions, keys, layers, names, one macro an engine difference."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from support.catalogue import feature_names

PROJECT = Path(__file__).parents[2]

CHAIN_READERS = ("chain_table(", "label_table(", "source(")

# Spellings of categories: part of the project, not input.
SHARED_SEEDS = {"label_categories"}

# What a mart is that only selects from an intermediate model.
SELECT_ALL = re.compile(r"select \* from \{\{ ref\('(\w+)'\) \}\}")

# Plain words, without a prefix of the layers.
MART_PATTERN = r"(?!(base|stg|int|mart|fct|dim)_)[a-z]+(_[a-z]+)*"


@pytest.fixture(scope="module")
def manifest(dbt):
    """The project as dbt parses it for the sample on DuckDB."""
    return dbt.parsed(is_sample=True)


@pytest.fixture(scope="module")
def models(manifest):
    return {
        node.name: node for node in manifest.nodes.values() if str(node.resource_type) == "model"
    }


@pytest.fixture(scope="module")
def seeds(manifest):
    return {
        node.name: node for node in manifest.nodes.values() if str(node.resource_type) == "seed"
    }


@pytest.fixture(scope="module")
def macros(manifest):
    return [
        macro
        for macro in manifest.macros.values()
        if macro.package_name == "ethereum_address_intelligence"
    ]


def layer(model):
    """Folder under models/, or python_models."""
    parts = Path(model.original_file_path).parts
    return parts[1] if parts[0] == "models" else parts[0]


def parents(model, models):
    """Models that a model reads."""
    names = [node.split(".")[-1] for node in model.depends_on.nodes if node.startswith("model.")]
    return [models[name] for name in names]


def selected_model(model):
    """The model that another repeats as it is, or None."""
    found = SELECT_ALL.fullmatch(without_comments(model.raw_code).strip())
    return found and found.group(1)


def without_comments(sql):
    return re.sub(r"\{#.*?#\}|--[^\n]*", "", sql, flags=re.DOTALL)


def tracked_files():
    """Files a clone has, or, outside git, those that are not ignored by convention."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [PROJECT / line for line in listed.stdout.splitlines()]
    else:
        ignored = {".venv", "target", "logs", "__pycache__", ".git", "dbt_packages"}
        paths = [path for path in PROJECT.rglob("*") if not ignored & set(path.parts)]
    return [path for path in paths if path.is_file() and path.suffix not in {".csv", ".duckdb"}]


def test_every_model_and_seed_says_its_grain_first(models, seeds):
    grain = re.compile(r"(One row per\b|One row: |Zero or one row\b)")
    missing = [
        name
        for name, node in (models | seeds).items()
        if not grain.match(" ".join(node.description.split()))
    ]
    assert missing == []


def test_every_model_and_seed_has_a_key_test(manifest, models, seeds):
    tests = [node for node in manifest.nodes.values() if str(node.resource_type) == "test"]
    keyed, unique, not_null = set(), set(), set()
    for test in tests:
        metadata = getattr(test, "test_metadata", None)
        if metadata is None or not test.attached_node:
            continue
        attached = test.attached_node.split(".")[-1]
        column = metadata.kwargs.get("column_name")
        if metadata.name in ("unique_combination", "unique_in_part"):
            keyed.add(attached)
        elif metadata.name == "unique":
            unique.add((attached, column))
        elif metadata.name == "not_null":
            not_null.add((attached, column))
    keyed |= {attached for attached, _ in unique & not_null}
    # A mart that repeats an intermediate model has its key, and so has a view that a table stores.
    keyed |= {name for name, model in models.items() if selected_model(model) in keyed}
    keyed |= {selected_model(models[name]) for name in keyed & set(models)} - {None}
    # A model of at most one row needs no key, and input as delivered, which may repeat a row, has
    # none; its description says so.
    keyless = {
        name
        for name, model in models.items()
        if model.description.startswith(("One row: ", "Zero or one row"))
        or (layer(model) == "staging" and "no key" in model.description)
    }
    assert sorted((set(models) | set(seeds)) - keyed - keyless) == []


def test_every_column_has_a_description_and_a_type(models, seeds):
    incomplete = [
        f"{name}.{column.name}"
        for name, node in (models | seeds).items()
        for column in node.columns.values()
        if not column.description.strip() or not column.data_type
    ]
    assert incomplete == []


def test_every_model_and_seed_declares_columns(models, seeds):
    assert [name for name, node in (models | seeds).items() if not node.columns] == []


def test_names_follow_their_layer(models):
    patterns = {
        "staging": r"(base|stg)_{folder}__[a-z_]+",
        "intermediate": r"int_{folder}__[a-z_]+",
        "marts": MART_PATTERN,
        "python_models": MART_PATTERN,
    }
    wrong = [
        name
        for name, model in models.items()
        if not re.fullmatch(
            patterns[layer(model)].replace("{folder}", Path(model.original_file_path).parts[-2]),
            name,
        )
    ]
    assert wrong == []
    assert {layer(model) for model in models.values()} == set(patterns)


def test_data_flows_from_staging_to_marts_and_back_only_through_python_models(models):
    allowed = {
        "staging": {"staging"},
        "intermediate": {"staging", "intermediate", "python_models"},
        "marts": {"intermediate", "marts", "python_models"},
        "python_models": {"intermediate", "marts", "python_models"},
    }
    backwards = [
        f"{name} reads {parent.name}"
        for name, model in models.items()
        for parent in parents(model, models)
        if layer(parent) not in allowed[layer(model)]
    ]
    assert backwards == []


@pytest.mark.parametrize("name", ["cutoffs", "lead_time_cutoffs", "windows"])
def test_windows_move_after_the_gate_and_after_the_fold_of_days(models, name):
    """A run that is stopped by rejects, or killed, would leave days counted by other windows."""
    found, new = set(), {f"int_features__{name}"}
    while new:
        found |= new
        parents = {
            parent.rsplit(".", 1)[1]
            for model in new & set(models)
            for parent in models[model].depends_on.nodes
        }
        new = parents - found
    assert {"int_features__fold_bounds", "int_events__chain_intake"} <= found


def test_the_list_of_tables_by_part_names_them_all(models, macros):
    """A table that is not in it would not be counted again after a run that rebuilt it."""
    by_part = {name for name, model in models.items() if "table_by_part(" in model.raw_code}
    (macro,) = (macro for macro in macros if macro.name == "tables_by_part")
    listed = re.findall(r"'(int_\w+)'", macro.macro_sql)
    assert sorted(listed) == sorted(by_part)


def test_only_what_marts_are_read_by_is_called_an_exposure(manifest, models, macros):
    named = [
        *models,
        *(column for model in models.values() for column in model.columns),
        *(macro.name for macro in macros),
        *(path.relative_to(PROJECT).as_posix() for path in tracked_files()),
        *feature_names(),
    ]
    assert {name for name in named if "exposure" in name.lower()} == {"models/exposures.yml"}


def test_only_staging_reads_input(manifest, models):
    readers = []
    for name, model in models.items():
        if layer(model) == "staging":
            continue
        if any(reader in without_comments(model.raw_code) for reader in CHAIN_READERS):
            readers.append(name)
        for parent in model.depends_on.nodes:
            kind, parent_name = parent.split(".")[0], parent.split(".")[-1]
            if kind == "source" or (kind == "seed" and parent_name not in SHARED_SEEDS):
                readers.append(f"{name} reads {parent}")
    assert readers == []


def test_no_model_or_test_branches_on_the_engine(manifest):
    branching = [
        node.original_file_path
        for node in manifest.nodes.values()
        if str(node.resource_type) in ("model", "test")
        and re.search(r"\btarget\s*\.|\btarget\[", without_comments(node.raw_code))
        and node.language == "sql"
    ]
    assert branching == []


def test_no_sql_casts_with_colons(manifest, macros):
    code = {node.original_file_path: node for node in manifest.nodes.values()}
    sql = {path: node.raw_code for path, node in code.items() if path.endswith(".sql")} | {
        macro.original_file_path: macro.macro_sql for macro in macros
    }
    assert [path for path, text in sql.items() if "::" in without_comments(text)] == []


def test_every_macro_and_generic_test_has_a_doc_comment():
    """Right above it, or above the macro that dispatches to it or opens its group.

    A group is macros without a blank line in between.
    """
    start = re.compile(r"\{%-?\s*(?:macro|test)\s+(\w+)")
    files = sorted([*PROJECT.glob("macros/**/*.sql"), *PROJECT.glob("tests/generic/*.sql")])
    undocumented = []
    for path in files:
        text, documented, is_documented = path.read_text(), set(), False
        for match in start.finditer(text):
            name, above = match.group(1), text[: match.start()]
            is_grouped = re.search(r"\{%-?\s*endmacro\s*-?%\}\n?\Z", above) is not None
            is_documented = (
                above.rstrip().endswith("#}")
                or (is_grouped and is_documented)
                or re.sub(r"^(duckdb|bigquery)__", "", name) in documented
            )
            if is_documented:
                documented.add(name)
            else:
                undocumented.append(f"{path.relative_to(PROJECT)}: {name}")
    assert files
    assert undocumented == []


def test_every_python_model_defines_model():
    files = sorted((PROJECT / "python_models").glob("*.py"))
    assert files
    for path in files:
        functions = [
            node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)
        ]
        model = [function for function in functions if function.name == "model"]
        assert len(model) == 1, path.name
        assert [argument.arg for argument in model[0].args.args] == ["dbt", "session"], path.name


def test_dbt_waits_for_a_notebook_as_long_as_google_lets_it_run(models):
    notebooks = [node for node in models.values() if node.language == "python"]
    assert notebooks
    # dbt-bigquery waits for an hour by default. Google ends a notebook after a day.
    assert {node.config.get("timeout") for node in notebooks} == {24 * 60 * 60}


def test_no_file_names_a_machine_or_a_package_index():
    # Put together here, so that this file does not hold what it looks for.
    forbidden = re.compile(
        "|".join(
            ["/work" + "/", "/root" + "/", "/home" + "/", "index" + "-url", r"--find" + "-links"]
        )
    )
    found = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


def test_no_two_test_files_have_the_same_name():
    """pytest takes them for one module."""
    for directory in ("bigquery", "python"):
        names = [path.name for path in (PROJECT / "tests" / directory).rglob("test_*.py")]
        assert names
        assert sorted(names) == sorted({*names})


def test_every_make_command_in_the_docs_exists():
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    used = {
        f"{name}: make {command}"
        for name, text in documents().items()
        for command in re.findall(r"(?:^|`|&& |\s)make ([a-z-]+)\b", code_of(text))
    }
    assert used
    assert {each for each in used if each.split("make ")[1] not in targets} == set()


def documents():
    """Text of the pages for readers, by path."""
    pages = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *PROJECT.glob("docs/*.md")]
    return {str(page.relative_to(PROJECT)): page.read_text() for page in pages}


def code_of(markdown):
    """What stands in code blocks and code spans."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", markdown, flags=re.DOTALL))


def test_every_file_and_heading_the_docs_link_to_exists():
    pages = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")]
    broken = []
    for page in pages:
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
            file, _, heading = link.partition("#")
            target = page.parent / file if file else page
            if "://" not in link and not (
                target.exists() and (not heading or heading in headings(target))
            ):
                broken.append(f"{page.name}: {link}")
    assert broken == []


def headings(page):
    """Names by which links find the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_var_in_the_docs_is_one_of_the_project():
    known = set(yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"])
    used = {
        name
        for text in documents().values()
        for settings in re.findall(r"VARS='\{([^']*)\}'", text)
        for name in re.findall(r"(\w+): ", settings)
    }
    assert used
    assert used <= known


def test_exposures_name_their_owner_and_read_marts_only(manifest, models):
    assert manifest.exposures
    for exposure in manifest.exposures.values():
        assert exposure.description, exposure.name
        assert exposure.url, exposure.name
        assert exposure.owner.name == "Address intelligence team"
        assert exposure.owner.email.endswith("@example.org")
        read = [models[node.split(".")[-1]] for node in exposure.depends_on.nodes]
        assert read, exposure.name
        assert {layer(model) for model in read} <= {"marts", "python_models"}, exposure.name
