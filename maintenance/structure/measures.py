"""The measures, each a function of a state of the project, with what is aimed at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from maintenance.structure import graph, lengths, places, prose
from maintenance.structure.project import Project

Figure = Callable[[Project], str]

# A feature that version 0.1.0 and later ones have.
FEATURE = "dust_share"


@dataclass(frozen=True)
class Measure:
    """A row of the table: what is measured, how, and what is aimed at."""

    name: str
    figure: Figure
    aim: str = "–"
    figure_now: Figure | None = None  # where the thing has another name now

    def row(self, before: Project, now: Project) -> list[str]:
        """Cells of the row."""
        return [self.name, self.figure(before), (self.figure_now or self.figure)(now), self.aim]


def models(project: Project) -> str:
    """Number of models by language."""
    sql, python = graph.languages(project.manifest)
    return f"{sql + python} ({sql} SQL, {python} Python)"


def longest_chain(project: Project) -> str:
    """Steps of the longest chain."""
    return str(graph.longest_chain(project.manifest))


def edges_up(project: Project) -> str:
    """Number of edges that run up a layer."""
    return str(graph.edges_up(project.manifest).total())


def edges_from(layer: str) -> Figure:
    """Number of edges from a layer to intermediate models."""
    return lambda project: str(graph.edges_up(project.manifest)[layer, "intermediate"])


def intermediate_folders(project: Project) -> str:
    """Number of folders, and of the models in them."""
    folders = graph.intermediate_folders(project.manifest)
    return f"{len({folder for folder, _ in folders})} for {len(folders)} models"


def names_with_folder(project: Project) -> str:
    """Share of intermediate models whose name carries their folder's."""
    folders = graph.intermediate_folders(project.manifest)
    return _share(sum(graph.carries_folder(*folder) for folder in folders), len(folders))


def python_lines(project: Project) -> str:
    """Lines of all Python models."""
    return f"{sum(map(lengths.line_count, _sources(project, 'python'))):,}"


def copied_lines(project: Project) -> str:
    """Lines of copied blocks in them."""
    return f"{lengths.copied_lines(_sources(project, 'python')):,}"


def sql_lengths(project: Project) -> str:
    """Median and maximum lines of SQL models."""
    middle, most = lengths.median_and_maximum(_sources(project, "sql"))
    return f"{middle}, {most}"


def largest_yaml(project: Project) -> str:
    """Lines and name of the longest YAML file."""
    lines, path = lengths.longest_file(lengths.property_files(project.files))
    return f"{lines:,} ({PurePosixPath(path).name})"


def flow_columns(project: Project) -> str:
    """Columns in flow style, of all columns."""
    flow, columns = lengths.column_styles(lengths.property_files(project.files))
    return f"{flow:,} of {columns:,}"


def price(names: places.Names) -> Figure:
    """Files and places that must name a thing, and those that name it at all."""

    def figure(project: Project) -> str:
        required = places.required_places(project.files, names)
        every = places.all_places(project.files, names)
        if not every.places:
            return "not there"
        return f"{_located(required)} (with pages and unit tests {_located(every)})"

    return figure


def prose_rate(what: str) -> Figure:
    """Times per 100 sentences, all pages together."""
    return lambda project: (
        f"{prose.prose_count(*prose.pages(project.files).values()).rate(what):.1f}"
    )


def worst_page(what: str, choose: Callable[..., str] = max) -> Figure:
    """The same for the page that has most of it, or least."""

    def figure(project: Project) -> str:
        rates = {
            path: prose.prose_count(text).rate(what)
            for path, text in prose.pages(project.files).items()
        }
        page = choose(rates, key=rates.get)
        return f"{rates[page]:.1f} ({PurePosixPath(page).name})"

    return figure


def tests(project: Project) -> str:
    """Number of tests by kind."""
    singular, generic, unit = graph.tests_by_kind(project.manifest)
    return f"{singular} singular, {generic} generic, {unit} unit"


def measures(newest_feature: str | None) -> list[Measure]:
    """Every measure in the order of the table, with a row for the newest feature if there is one.

    The evaluation on everything to date has another name now.
    """
    features = [FEATURE, newest_feature] if newest_feature else [FEATURE]
    return [
        Measure("models", models),
        Measure("longest chain of models, in steps", longest_chain, "≤ 24"),
        Measure("edges that run up a layer", edges_up, "Python → intermediate only"),
        Measure("edges mart → intermediate", edges_from("marts"), "0"),
        Measure("edges Python → intermediate", edges_from("python")),
        Measure("intermediate folders", intermediate_folders),
        Measure("intermediate models that carry their folder's name", names_with_folder, "100 %"),
        Measure("lines of Python models", python_lines, "≤ 2,800"),
        Measure("lines of copied blocks in them", copied_lines, "fewer"),
        Measure("lines of the largest YAML file", largest_yaml, "fewer"),
        Measure("lines of SQL models, median and maximum", sql_lengths, "≤ 45, ≤ 200"),
        Measure("YAML columns in flow style", flow_columns, "0"),
        *(
            Measure(f"a feature costs: {name}", price(places.word(name)), "3 places")
            for name in features
        ),
        Measure(
            "an evaluation costs: time_to_date, now to_date",
            price(places.word("time_to_date")),
            "1 row",
            figure_now=price(places.value("to_date")),
        ),
        Measure("semicolons per 100 sentences", prose_rate("semicolons"), "< 5"),
        Measure("semicolons, worst page", worst_page("semicolons")),
        Measure("dashes per 100 sentences", prose_rate("dashes"), "no more"),
        Measure("reader addressed per 100 sentences", prose_rate("addresses"), "≥ 25"),
        Measure("reader addressed, worst page", worst_page("addresses", min)),
        Measure("tests", tests),
    ]


def _sources(project: Project, language: str) -> list[str]:
    """Text of the models in a language."""
    return [
        project.files[model["original_file_path"]]
        for model in graph.models(project.manifest)
        if model["language"] == language
    ]


def _located(found: places.Places) -> str:
    place = "place" if found.places == 1 else "places"
    file = "file" if found.files == 1 else "files"
    return f"{found.places} {place} in {found.files} {file}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})".replace("%", " %")
