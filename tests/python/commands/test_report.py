"""The report: one HTML page, complete in itself, that says what it shows and what is missing."""

import errno
import os
import re
import shutil
import subprocess
import sys
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from google.api_core.exceptions import BadRequest, Forbidden, NotFound
from matplotlib.figure import Figure

from commands.report.__main__ import main
from commands.report.bigquery_marts import BigQueryMarts
from commands.report.connection import open_marts
from commands.report.drawing import plain
from commands.report.errors import NothingToShow, ReportError
from commands.report.investors.distributions import BALANCES, bin_name
from commands.report.investors.eligible import LEAST_ROWS
from commands.report.investors.profiles import apart
from commands.report.marts import Marts
from commands.report.numbers import counted, percent
from commands.report.origin import read_origin
from commands.report.profile import Target
from commands.report.scam import delays, queue
from commands.report.scam.naming import EVALUATIONS, POLICIES, evaluation, model
from commands.report.scam.promotions import explanation
from commands.report.scam.timeline import bins
from support import PROJECT_DIRECTORY
from support.dbt_project import DbtProject, Run

SECTIONS = {
    "scam-alerts": ["queue"],
    "scam-data": [
        *("label-balance", "evaluations", "coverage", "label-delays"),
        *("value-incoming", "value-outgoing", "gas-price", "gas-limit"),
    ],
    "scam-quality": [
        *("headlines", "comparison", "precision-recall", "calibration", "metrics", "roc"),
    ],
    "scam-lead-time": ["lead-times", "lead-time-models"],
    "scam-decisions": ["expectations", "thresholds", "confusion", "policies"],
    "scam-scores": [
        *("score-distribution", "importance", "score-states", "drift", "feature-meanings"),
    ],
    "model-card": ["card", "runs"],
    "investor-addresses": [
        *("balances", "tokens", "transfers", "profile-states", "correlations", "scatter-matrix"),
    ],
    "investor-choice": ["silhouettes-fitted", "silhouettes-reference", "candidates"],
    "investor-profiles": [
        *("profile-sizes", "profile-map", "profile-cards"),
        *("profile-silhouettes", "profile-confidences"),
    ],
}
PARTS = [part for parts in SECTIONS.values() for part in parts]

# The configuration that scores.
SCORES = (
    "(run_id, model_name, feature_set) in"
    " (select (run_id, model_name, feature_set) from intermediate.int_scam_serving__champion)"
)

VOID = {"meta", "link", "br", "img", "input", "hr"}
SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


class Page(HTMLParser):
    """Elements of a page with their attributes, and the text of the whole."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], "not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"line {self.getpos()[0]}"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def part(self, slug: str) -> str:
        """HTML of a part, up to the next one."""
        start = self.html.index(f'id="{slug}">')
        ends = [self.html.find(f'id="{other}">', start + 1) for other in [*PARTS, *SECTIONS]]
        return self.html[start : min([end for end in ends if end > 0], default=None)]


@pytest.fixture(scope="module")
def built(built_chain: Run) -> Run:
    return built_chain


@pytest.fixture(autouse=True)
def profiles(dbt: DbtProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profile like a fresh clone's; no test reads the database of whoever runs it."""
    monkeypatch.setenv("DBT_PROFILES_DIR", str(dbt.directory))
    monkeypatch.setenv("DUCKDB_PATH", "nowhere.duckdb")


def opened(database: Path, monkeypatch: pytest.MonkeyPatch) -> Marts:
    monkeypatch.setenv("DUCKDB_PATH", str(database))
    return open_marts(Path(os.environ["DBT_PROFILES_DIR"]), None)


def written(database: Path, monkeypatch: pytest.MonkeyPatch, out: Path) -> Page:
    monkeypatch.setenv("DUCKDB_PATH", str(database))
    assert main(["--out", str(out)]) == 0
    return Page(out.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(built: Run, dbt: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Page:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DBT_PROFILES_DIR", str(dbt.directory))
        return written(built.database, environment, tmp_path_factory.mktemp("page") / "r.html")


@pytest.fixture(scope="module")
def tables(built: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the built database with every mart as a table, to be changed."""
    # Views name the database, so a copy keeps the name of its file.
    copy = tmp_path_factory.mktemp("tables") / built.database.name
    shutil.copy(built.database, copy)
    with duckdb.connect(str(copy)) as connection:
        views = connection.sql(
            "select table_name from information_schema.tables"
            " where table_schema = 'marts' and table_type = 'VIEW'"
        ).fetchall()
        for (name,) in views:
            connection.execute(f"create table main.{name} as from marts.{name}")
        for (name,) in views:
            connection.execute(f"drop view marts.{name}")
            connection.execute(f"create table marts.{name} as from main.{name}")
            connection.execute(f"drop table main.{name}")
    return copy


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are prepared but empty: drawing them all takes four fifths of a page."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    monkeypatch.setattr(Figure, "savefig", lambda figure, file, **_: file.write(empty))


def changed(tables: Path, directory: Path, *statements: str) -> Path:
    """A copy of the tables after some statements."""
    copy = directory / tables.name
    shutil.copy(tables, copy)
    with duckdb.connect(str(copy)) as connection:
        for statement in statements:
            connection.execute(statement)
    return copy


def test_every_section_and_part_is_shown(page: Page):
    ids = page.ids()
    assert [slug for slug in [*SECTIONS, *PARTS] if ids.count(slug) != 1] == []
    assert "Not shown" not in page.text
    assert [href for tag, a in page.elements if tag == "a" for href in [a["href"]]] == [
        f"#{section}" for section in SECTIONS
    ]


def test_the_exposure_names_what_the_page_reads(dbt: DbtProject):
    [exposure] = [
        one for one in dbt.parsed(is_sample=True).exposures.values() if one.name == "report"
    ]
    texts = [path.read_text() for path in (PROJECT_DIRECTORY / "commands/report").rglob("*.py")]
    read = {name for text in texts for name in re.findall(r"{marts}\.(\w+)", text)}
    assert {node.split(".")[-1] for node in exposure.depends_on.nodes} == read


def test_nothing_is_fetched_or_run(page: Page):
    assert "script" not in {tag for tag, _ in page.elements}
    links = [
        value
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name.split(":")[-1] in {"href", "src", "srcset", "action", "data", "poster"}
    ]
    assert links
    assert [link for link in links if not link.startswith(("#", "data:"))] == []
    assert "@import" not in page.html
    assert {url[:1] for url in re.findall(r"url\(['\"]?(.)", page.html)} <= {"#"}
    assert [name for _, a in page.elements for name in a if name.startswith("on")] == []


def test_each_picture_is_valid_and_says_what_it_shows(page: Page):
    pictures = [ElementTree.fromstring(svg) for svg in SVG.findall(page.html)]
    assert len(pictures) == page.html.count("<figure") > 0
    for picture in pictures:
        title, description = picture[0], picture[1]
        assert (title.tag[-5:], description.tag[-4:]) == ("title", "desc")
        assert title.text
        assert len(description.text.split()) > 5, title.text
        assert picture.get("role") == "img"
        assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert len(set(page.ids())) == len(page.ids())


def test_references_inside_pictures_stay_inside_them(page: Page):
    for svg in SVG.findall(page.html):
        ids = set(re.findall(r' id="([^"]+)"', svg))
        used = set(re.findall(r'(?:href="|url\()#([^")]+)', svg))
        assert used <= ids


def test_simulated_data_is_called_so_at_the_top_and_in_each_caption(page: Page):
    top = page.html[: page.html.index("<nav")]
    assert "<strong>Simulated data</strong>" in top
    captions = re.findall(r'(?:<figcaption>|<p class="caption">)(.*?)</', page.html, re.DOTALL)
    assert len(captions) == len(PARTS)
    assert [text for text in captions if not text.endswith("Simulated data.")] == []


def test_own_data_is_not_called_simulated(tables: Path, monkeypatch, tmp_path: Path):
    own = changed(tables, tmp_path, "update marts.address_labels set source = 'my_list'")
    origin = read_origin(opened(own, monkeypatch))
    assert not origin.is_simulated
    assert origin.headline == "Data: local files"
    assert origin.caption_note == "Data: local files."


@pytest.mark.parametrize(
    ("change", "headline", "said"),
    [
        ("select 1", "Data: local files", "no labels, so no scam model"),
        (
            "update marts.input_files set file_name = 'seeds/sample/sample_' || file_name",
            "Simulated data",
            "is invented",
        ),
        ("delete from marts.input_files", "Data of unknown origin", "may be simulated"),
        ("drop table marts.input_files", "Data of unknown origin", "may be simulated"),
    ],
)
def test_without_labels_the_files_tell_where_the_data_come_from(
    tables: Path, monkeypatch, tmp_path: Path, change: str, headline: str, said: str
):
    unlabelled = changed(tables, tmp_path, "delete from marts.address_labels", change)
    origin = read_origin(opened(unlabelled, monkeypatch))
    assert origin.headline == headline
    assert said in origin.explanation


def test_where_no_label_names_a_scam_every_empty_part_says_so(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    made_of_scams = (
        *("marts.scam_models", "marts.scam_model_promotions", "marts.scam_alert_queue"),
        *("marts.label_delays", "marts.model_drift", "intermediate.int_scam_serving__champion"),
    )
    emptied = [f"delete from {name}" for name in made_of_scams]
    page = written(changed(tables, tmp_path, *emptied), monkeypatch, tmp_path / "r.html")
    missing = [slug for slug in PARTS if "Not shown" in page.part(slug)]
    assert len(missing) > 15
    assert [slug for slug in missing if "LABEL_DATA" in page.part(slug)] == []
    # A list of exchanges alone trains nothing, and one to test on neither.
    said = (
        "No label with usage training names a scam. To fill this part, name labels in LABEL_DATA"
        " and run: make build"
    )
    for change in ("label_kind = 'entity'", "usage = 'external'"):
        untrained = f"update marts.address_labels set {change}"
        page = written(
            changed(tables, tmp_path, *emptied, untrained), monkeypatch, tmp_path / "r.html"
        )
        assert [slug for slug in PARTS if said in page.part(slug)] == missing


def test_where_too_few_are_eligible_every_part_of_profiles_says_so(
    undrawn: None, tables: Path, python_model, monkeypatch, tmp_path: Path
):
    without = [
        f"delete from marts.{name}"
        for name in ("investor_profile_models", "investor_profile_summaries")
    ]
    page = written(changed(tables, tmp_path, *without), monkeypatch, tmp_path / "r.html")
    missing = [slug for slug in PARTS if "run: make build" in page.part(slug)]
    assert len(missing) >= 7
    ineligible = "update marts.investor_profiles set state = 'not_eligible', profile = null"
    page = written(
        changed(tables, tmp_path, *without, ineligible), monkeypatch, tmp_path / "r.html"
    )
    assert LEAST_ROWS == python_model("investor_profile_models").LEAST_ROWS
    said = "Profiles need 10 eligible addresses. Here the number is 0."
    assert [slug for slug in missing if said not in page.part(slug)] == []
    assert [slug for slug in PARTS if "run: make build" in page.part(slug)] == []


def test_a_headline_without_tested_scams_is_shown_as_such(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    without = (
        "update marts.scam_model_metrics set metric_value = null, interval_low = null,"
        " interval_high = null, positives = 0, prevalence = 0 where evaluation = 'future'"
    )
    page = written(changed(tables, tmp_path, without), monkeypatch, tmp_path / "r.html")
    rows = re.findall(r"<tr>.*?</tr>", page.part("headlines"), flags=re.DOTALL)
    [row] = [row for row in rows if "After the cutoff" in row]
    assert "0 scams of" in row


def test_figures_of_a_sample_are_called_so(
    page: Page, undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    sample = "update marts.scam_model_metrics set unlabelled_sample_percent = 0.05"
    sampled = written(changed(tables, tmp_path, sample), monkeypatch, tmp_path / "r.html")
    for slug, text in [
        ("metrics", "0.05 % were drawn"),
        ("expectations", "higher than that of all addresses"),
        ("calibration", "points lie above the line"),
    ]:
        assert text in sampled.part(slug)
        assert text not in page.part(slug)


def open_and_folded(part: str) -> tuple[str, str]:
    """HTML of a table before its folded rows, and these."""
    before, rest = part.split("<details>", 1)
    return before, rest[: rest.index("</details>")]


def undated(html: str) -> str:
    """A page without the time at which it was generated."""
    stamp = r"(<dt>Generated</dt><dd>)\d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.search(stamp, html)
    return re.sub(stamp, r"\1", html)


def test_the_same_rows_give_the_same_bytes(page: Page, built: Run, dbt: DbtProject, tmp_path: Path):
    environment = {
        "DUCKDB_PATH": str(built.database),
        "DBT_PROFILES_DIR": str(dbt.directory),
        "PYTHONHASHSEED": "7",
    }
    again = tmp_path / "deep" / "again.html"
    subprocess.run(
        [sys.executable, "-m", "commands.report", "--out", str(again)],
        cwd=PROJECT_DIRECTORY,
        env=os.environ | environment,
        check=True,
        capture_output=True,
    )
    assert undated(again.read_text(encoding="utf-8")) == undated(page.html)


def test_the_top_says_when_it_was_generated_of_which_data_and_how_the_build_went(
    undrawn: None, page: Page, tables: Path, monkeypatch, tmp_path: Path, built: Run
):
    [(through,)] = built.query(
        "select data_end_at from marts.feature_windows where window_name = 'lifetime'"
    )
    top = page.html[: page.html.index("<nav")]
    assert f"<dt>Data through</dt><dd>{through:%Y-%m-%d %H:%M} UTC</dd>" in top
    [(made,)] = built.query("select count(*) from marts.build_runs")
    assert f"{made} tables and views made, none failed, none skipped" in top
    failed = "update marts.build_runs set status = 'error' where node_name = 'scam_scores'"
    skipped = "update marts.build_runs set status = 'skipped' where node_name = 'addresses'"
    other = written(changed(tables, tmp_path, failed, skipped), monkeypatch, tmp_path / "r.html")
    assert f"{made - 2} tables and views made, 1 failed, 1 skipped" in other.html


def test_the_queue_is_shown_from_its_head_with_reasons(page: Page, built: Run):
    part = page.part("queue")
    shown = built.query(
        "select address, reasons from marts.scam_alert_queue order by alert_rank limit 11"
    )
    assert len(shown) == 11
    for address, reasons in shown[:10]:
        assert address in part
        assert reasons in part
    assert shown[10][0] not in part
    [(alerts,)] = built.query("select count(*) from marts.scam_alert_queue")
    assert f"{alerts:,} addresses are to be reviewed" in page.text


def test_a_queue_of_one_and_an_empty_one_are_told_as_they_are(
    tables: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    decided = (
        "insert into marts.alert_reviews (review_id, address, decision, decided_alerts,"
        " confirmed_alerts, is_latest_decision, reviewed_at)"
        " values (1, '0x1', 'confirmed_scam', 1, 1, true, timestamp '2024-01-01')"
    )
    one = "delete from marts.scam_alert_queue where alert_rank > 1"
    said = queue.sizes(opened(changed(tables, tmp_path, decided, one), monkeypatch))
    assert said[0].startswith("1 address is to be reviewed: 1 of tier ")
    found = "Reviewers decided 1 alert. Confirmed as scams: 1 (100.0\N{NO-BREAK SPACE}%)."
    assert said[1:] == [found]
    none = "delete from marts.scam_alert_queue"
    empty = opened(changed(tables, tmp_path, decided, none), monkeypatch)
    assert queue.sizes(empty) == ["No address is to be reviewed.", found]
    # No build fills it: a model has scored.
    with pytest.raises(NothingToShow, match="no address that can become an alert is of tier"):
        queue.head("queue", "First to review", empty)


@pytest.mark.parametrize(
    ("median", "most", "said"),
    [
        (24.2, 1.0, "within 24 days of their first transaction, nine of ten within 1 day of it."),
        (-43.0, 36.4, "before their first transaction, nine of ten within 36 days of it."),
    ],
)
def test_a_delay_is_put_into_words(median: float, most: float, said: str):
    row = {
        "median_delay_days": median,
        "ninety_percent_delay_days": most,
        "unknown_report_time_share": 0.0,
    }
    assert f"Half of the scams were reported {said}" in delays._in_words(row)


@pytest.mark.parametrize(
    ("value", "noun", "text"),
    [(0, "alert", "0 alerts"), (1, "address", "1 address"), (1234, "address", "1,234 addresses")],
)
def test_things_are_counted_in_the_singular_and_the_plural(value: int, noun: str, text: str):
    assert counted(value, noun) == text


def test_label_delays_are_those_of_the_mart_with_early_months_folded(page: Page, built: Run):
    table = page.part("label-delays")
    months = built.query("select reported_in from marts.label_delays order by reported_month")
    [(median,)] = built.query(
        "select median_delay_days from marts.label_delays where reported_in = 'all'"
    )
    assert f"Half of the scams were reported within {median:.0f} days" in " ".join(table.split())
    before, folded = open_and_folded(table)
    in_months = [name for (name,) in months if name not in ("all", "unknown")]
    assert len(in_months) > 12
    assert all(name in before for name in in_months[-12:])
    assert all(name in folded for name in in_months[:-12])


def test_only_features_that_drifted_are_open(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    drifted = changed(
        tables,
        tmp_path,
        "update marts.model_drift set drift_level = 'stable'",
        "update marts.model_drift set drift_level = 'act' where feature_name = 'hour_entropy'",
    )
    before, folded = open_and_folded(
        written(drifted, monkeypatch, tmp_path / "r.html").part("drift")
    )
    named = re.compile(r'<th scope=row class="\w+">(\w+)</th>')
    assert named.findall(before) == ["score", "hour_entropy"]
    assert len(named.findall(folded)) > 70
    assert "hour_entropy" not in folded
    none = changed(tables, tmp_path, "update marts.model_drift set drift_level = 'stable'")
    text = written(none, monkeypatch, tmp_path / "r.html").part("drift")
    assert re.search(r"None of the \d+ features drifted", text)


def test_runs_and_numbers_are_those_of_the_marts(page: Page, built: Run):
    [(run_id,)] = built.query("select distinct run_id from marts.investor_profile_summaries")
    [(addresses,)] = built.query("select count(*) from marts.addresses")
    top = Page(page.html[: page.html.index("<nav")] + "</header></body></html>").text
    assert f"Run of the profiles {run_id}," in top
    assert f"Addresses {addresses:,} " in top
    for name, size, sentence in built.query(
        "select profile, addresses, description from marts.investor_profile_summaries"
    ):
        assert f"{name}: {size:,} (" in page.part("profile-sizes")
        assert sentence in page.part("profile-cards")


def test_bins_hold_every_eligible_address_once(built: Run):
    bins = built.query(BALANCES.replace("{marts}", "marts"))
    [(eligible, least)] = built.query(
        "select count(*), min(ether_balance) from marts.investor_profiles"
        " join marts.address_features using (address) where state = 'profiled'"
    )
    assert sum(addresses for _, _, addresses, _ in bins) == eligible > 0
    lowest = min(number for number, *_ in bins)
    assert 10 ** (lowest / 4) <= least < 10 ** ((lowest + 1) / 4)


def test_the_selected_candidate_and_the_earlier_works_are_listed(page: Page):
    table = page.part("candidates")
    assert "Selected: " in table
    assert "power transform, k-means, 4 clusters (earlier work)" in table


def test_every_metric_stands_with_its_interval_and_evidence(page: Page, built: Run):
    metrics = built.query(
        "select metric_value, interval_low, interval_high, positives, examples"
        " from marts.scam_model_metrics where metric_name = 'average_precision'"
        " and evaluation in ('deployed', 'future') and subset in ('all', 'first_seen_after_cutoff')"
        f" and {SCORES}"
    )
    assert metrics
    for metric_value, low, high, positives, examples in metrics:
        cell = f"{metric_value:.3f}\n({low:.3f} to {high:.3f})"
        assert cell in page.part("metrics")
        assert f"({positives:,} of {examples:,})" in page.part("metrics")
        title = f"AP {metric_value:.3f} ({low:.3f} to {high:.3f})"
        assert title in page.part("precision-recall")
        assert f"{positives:,} scams of {examples:,} (" in page.part("roc")


def test_what_policies_are_expected_to_hold_stands_beside_what_was_measured(page: Page, built: Run):
    table = page.part("expectations")
    shown = built.query(
        "select expected_precision, measured_precision, measured_mean_probability, policy_reason"
        f" from marts.scam_policies where fit_name = 'lifetime' and {SCORES}"
    )
    assert len(shown) == 3
    for expected, measured, probability, reason in shown:
        assert reason in table or reason == "The condition is met."
        for figure in (expected, measured, probability):
            assert figure is None or percent(figure) in table


def test_intervals_of_policies_are_those_of_the_mart(page: Page, built: Run):
    table = page.part("policies")
    shown = built.query(
        "select metric_value, interval_low, interval_high from marts.scam_model_metrics"
        " where metric_name = 'wide_net_recall' and evaluation <> 'validation'"
        f" and metric_value is not null and {SCORES}"
    )
    assert shown
    for value, low, high in shown:
        assert f"{value:.3f}\n({low:.3f} to {high:.3f})" in table


def test_the_share_of_held_out_addresses_stands_beside_metrics_and_evaluations(
    page: Page, built: Run
):
    shares = built.query(
        "select distinct held_out_share from marts.scam_model_metrics"
        f" where evaluation <> 'validation' and subset = 'all' and {SCORES}"
    )
    assert len(shares) > 2
    for (share,) in shares:
        for slug in ("metrics", "evaluations"):
            assert f">{100 * share:.1f}\u00a0%</td>" in page.part(slug)
    for slug in ("metrics", "evaluations", "comparison", "card"):
        assert "scored by a model that was trained on it" in page.part(slug)


def test_evaluations_models_and_policies_have_names_for_readers(page: Page, built: Run):
    rows = built.query("select distinct evaluation from marts.scam_model_metrics")
    assert {name for (name,) in rows} <= {*EVALUATIONS, "validation"}
    for name, subset in built.query(
        "select distinct model_name, subset from marts.scam_model_metrics"
    ):
        assert "_" not in model(name, "all")
        row = {"evaluation": "future", "subset": subset, "cutoff_at": None}
        assert "_" not in evaluation(row)
    rows = built.query("select distinct policy_name from marts.scam_policies")
    assert {name for (name,) in rows} == set(POLICIES)
    columns = ["one_hop_rule", "first_seen_after_cutoff", "clean_queue", "min_ether_balance"]
    assert [name for name in columns if name in page.text] == []


def test_the_model_card_says_what_was_trained_on_what(page: Page, built: Run):
    [(run_id, rows, positives)] = built.query(
        "select run_id, training_rows, training_positives from marts.scam_models"
        f" where fit_name = 'lifetime' and {SCORES}"
    )
    text = page.part("card")
    for expected in (run_id, f"{positives:,} scams of {rows:,} addresses", "xgboost 3", "seed"):
        assert expected in text
    assert f"Run of the scam scores</dt><dd>{run_id}" in page.html


def test_a_model_without_test_scams_is_no_crash(tables: Path, monkeypatch, tmp_path: Path):
    without = changed(
        tables,
        tmp_path,
        "update marts.scam_model_metrics set positives = 0, prevalence = 0, metric_value = null",
    )
    page = written(without, monkeypatch, tmp_path / "r.html")
    missing = [slug for slug in PARTS if "Not shown" in page.part(slug)]
    assert missing == [
        *("comparison", "precision-recall", "calibration", "roc", "thresholds", "confusion"),
    ]


def test_every_part_of_empty_marts_says_what_to_run(
    built: Run, tables: Path, monkeypatch, tmp_path: Path
):
    names = [f"marts.{name}" for name in built.marts()]
    names.append("intermediate.int_events__transaction_days")
    emptied = changed(tables, tmp_path, *(f"delete from {name}" for name in names))
    empty = written(emptied, monkeypatch, tmp_path / "r.html")
    assert [slug for slug in PARTS if "run: make build" not in empty.part(slug)] == []


def test_every_part_of_missing_marts_says_what_to_run(
    built: Run, tables: Path, monkeypatch, tmp_path: Path
):
    dropped = changed(
        tables,
        tmp_path,
        "create table marts.something_else (a integer)",
        *(f"drop table marts.{name}" for name in built.marts()),
    )
    bare = written(dropped, monkeypatch, tmp_path / "r.html")
    assert [slug for slug in PARTS if "run: make build" not in bare.part(slug)] == []


def test_a_missing_mart_takes_away_only_what_needs_it(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    dropped = changed(tables, tmp_path, "drop table intermediate.int_investor_profiles__sample")
    page = written(dropped, monkeypatch, tmp_path / "r.html")
    missing = [slug for slug in PARTS if "Not shown" in page.part(slug)]
    assert missing == ["correlations", "scatter-matrix"]


def test_a_run_of_before_its_points_were_stored_takes_away_only_their_charts(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    older = changed(
        tables, tmp_path, "update marts.investor_profile_models set sample_points = null"
    )
    page = written(older, monkeypatch, tmp_path / "r.html")
    missing = [slug for slug in PARTS if "Not shown" in page.part(slug)]
    assert missing == ["correlations", "scatter-matrix", "profile-map", "profile-silhouettes"]
    assert "trained before they were stored" in page.part("profile-map")


def test_a_sample_drawn_after_the_fit_shows_the_addresses_that_both_have(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    drawn = "delete from intermediate.int_investor_profiles__sample where ends_with(address, '{}')"
    page = written(changed(tables, tmp_path, drawn.format("a")), monkeypatch, tmp_path / "r.html")
    assert [slug for slug in PARTS if "Not shown" in page.part(slug)] == []


def test_a_renamed_column_takes_away_only_what_needs_it(
    undrawn: None, tables: Path, monkeypatch, tmp_path: Path
):
    renamed = changed(
        tables,
        tmp_path,
        "alter table marts.investor_profile_summaries rename column is_new to is_first",
        "alter table marts.model_drift rename column ks_statistic to ks",
    )
    page = written(renamed, monkeypatch, tmp_path / "r.html")
    missing = [slug for slug in PARTS if "Not shown" in page.part(slug)]
    assert missing == [
        *("drift", "scatter-matrix", "profile-sizes", "profile-map", "profile-cards"),
        *("profile-silhouettes", "profile-confidences"),
    ]


def test_names_are_text_not_markup(tables: Path, monkeypatch, tmp_path: Path):
    planted = changed(
        tables,
        tmp_path,
        "update marts.investor_profile_summaries set profile = '<script>x</script>'",
    )
    page = written(planted, monkeypatch, tmp_path / "r.html")
    assert "<script" not in page.html
    assert "&lt;script&gt;" in page.html


def test_no_database_is_an_error_that_says_what_to_run(monkeypatch, capsys, tmp_path: Path):
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "none.duckdb"))
    assert main(["--out", str(tmp_path / "r.html")]) == 1
    said = capsys.readouterr().err
    assert "none.duckdb" in said
    assert "make build" in said
    assert not (tmp_path / "none.duckdb").exists()
    assert not (tmp_path / "r.html").exists()


def test_an_empty_database_is_an_error_that_says_what_to_run(monkeypatch, capsys, tmp_path: Path):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "empty.duckdb"))
    assert main(["--out", str(tmp_path / "r.html")]) == 1
    assert "holds no marts yet. Run: make build" in capsys.readouterr().err


def test_a_file_that_is_no_database_is_an_error(monkeypatch, capsys, tmp_path: Path):
    (tmp_path / "text.duckdb").write_text("no database" * 1000)
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "text.duckdb"))
    assert main([]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_copy_under_another_name_is_an_error_that_says_so(
    built: Run, monkeypatch, capsys, tmp_path: Path
):
    shutil.copy(built.database, tmp_path / "copy.duckdb")
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "copy.duckdb"))
    assert main(["--out", str(tmp_path / "r.html")]) == 1
    assert f"its views look for tables in {built.database.name}" in capsys.readouterr().err


def test_a_database_that_a_build_writes_to_is_an_error(monkeypatch, capsys, tmp_path: Path):
    database = tmp_path / "locked.duckdb"
    code = (
        f"import duckdb, time; c = duckdb.connect({str(database)!r}); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline()
        monkeypatch.setenv("DUCKDB_PATH", str(database))
        assert main(["--out", str(tmp_path / "r.html")]) == 1
        holder.communicate(b"\n")
    said = capsys.readouterr().err
    assert f"PID {holder.pid}" in said
    assert "A build is writing to it: wait or read a copy." in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("cut_at", [0, 100, 5000])
def test_a_damaged_database_is_an_error(
    built: Run, monkeypatch, capsys, tmp_path: Path, cut_at: int
):
    damaged = tmp_path / built.database.name
    damaged.write_bytes(built.database.read_bytes()[:cut_at])
    monkeypatch.setenv("DUCKDB_PATH", str(damaged))
    assert main(["--out", str(tmp_path / "r.html")]) == 1
    said = capsys.readouterr().err
    assert "cannot be read" in said
    assert said.count("\n") == 1


@pytest.fixture
def short_page(monkeypatch) -> None:
    """What is written is not of interest, where it is written is."""
    monkeypatch.setattr("commands.report.__main__.open_marts", lambda *_: None)
    monkeypatch.setattr("commands.report.__main__.page", lambda *_: "<html>new</html>")


def is_folder(directory: Path) -> Path:
    return directory


def below_a_file(directory: Path) -> Path:
    (directory / "file").write_text("")
    return directory / "file/r.html"


def full_device(_: Path) -> Path:
    return Path("/dev/full")


def name_too_long(directory: Path) -> Path:
    return directory / ("r" * 300)


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        (is_folder, "Is a directory"),
        (below_a_file, "Not a directory"),
        (full_device, "No space left on device"),
        (name_too_long, "File name too long"),
    ],
)
def test_a_report_that_cannot_be_written_is_an_error(
    short_page: None, capsys, tmp_path: Path, out: Any, reason: str
):
    path = out(tmp_path)
    assert main(["--out", str(path)]) == 1
    assert capsys.readouterr().err == f"Error: The report {path} cannot be written: {reason}.\n"


def test_a_folder_that_is_missing_is_made(short_page: None, tmp_path: Path):
    out = tmp_path / "some/where/r.html"
    assert main(["--out", str(out)]) == 0
    assert out.read_text() == "<html>new</html>"


@pytest.mark.parametrize("step", ["write", "flush", "replace", "page"])
def test_the_old_report_stays_whole_when_anything_fails(
    short_page: None, monkeypatch, capsys, tmp_path: Path, step: str
):
    def fails(*arguments: Any, **options: Any) -> None:
        if step == "write":
            with arguments[0].open("w") as file:
                file.write("<html>n")
        if step == "page":
            raise ReportError("The engine refuses.")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "r.html"
    out.write_text("old")
    monkeypatch.setattr(
        {
            "write": "pathlib.Path.write_text",
            "flush": "os.fsync",
            "replace": "pathlib.Path.replace",
            "page": "commands.report.__main__.page",
        }[step],
        fails,
    )
    assert main(["--out", str(out)]) == 1
    reason = "The engine refuses" if step == "page" else "No space left on device"
    assert reason in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert out.read_text() == "old"


def test_a_report_behind_a_link_is_replaced_where_it_is(short_page: None, tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/r.html").write_text("old")
    (tmp_path / "link.html").symlink_to("real/r.html")
    assert main(["--out", str(tmp_path / "link.html")]) == 0
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real/r.html").read_text() == "<html>new</html>"


def test_an_unknown_target_is_an_error(capsys):
    assert main(["--target", "oracle"]) == 1
    assert "does not have a target named 'oracle'" in capsys.readouterr().err


class Client:
    """Stands in for Google's client: keeps queries, answers each with `answer`."""

    def __init__(self, answer: Any = (), tables: Any = ("a mart",)) -> None:
        self.answer, self.tables, self.asked = answer, tables, []

    def list_tables(self, dataset: str, max_results: int) -> Any:
        if isinstance(self.tables, Exception):
            raise self.tables
        return self.tables

    def query(self, sql: str, job_config: Any) -> Any:
        self.asked.append((sql, job_config))
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(result=lambda: self.answer)


def bigquery(client: Client, directory: Path, monkeypatch: pytest.MonkeyPatch) -> BigQueryMarts:
    monkeypatch.setenv("BIGQUERY_PROJECT", "my-project")
    monkeypatch.setenv("BIGQUERY_MAXIMUM_BYTES_BILLED", "12345")
    return BigQueryMarts(Target.load(directory, "bigquery"), client)


def test_bigquery_binds_values_and_bills_no_more_than_the_profile_says(dbt, monkeypatch):
    client = Client([{"a": 1}])
    marts = bigquery(client, dbt.directory, monkeypatch)
    rows = marts.rows("select a from {marts}.x where run_id = @run_id", run_id="'; drop")
    assert rows == [{"a": 1}]
    [(sql, configuration)] = client.asked
    assert sql == (
        "select a from `my-project`.`ethereum_address_intelligence_marts`.x where run_id = @run_id"
    )
    assert configuration.maximum_bytes_billed == 12345
    [parameter] = configuration.query_parameters
    assert (parameter.name, parameter.type_, parameter.value) == ("run_id", "STRING", "'; drop")


@pytest.mark.parametrize("missing", [NotFound("x"), []])
def test_bigquery_without_marts_is_an_error(missing, dbt, monkeypatch):
    with pytest.raises(ReportError, match="make build TARGET=bigquery"):
        bigquery(Client(tables=missing), dbt.directory, monkeypatch)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (NotFound("Not found: Table x"), NothingToShow),
        (BadRequest("Unrecognized name: a"), NothingToShow),
        (BadRequest("Query exceeded limit for bytes billed"), ReportError),
        (Forbidden("no"), ReportError),
    ],
)
def test_bigquery_tells_a_missing_mart_from_a_refusal(answer, expected, dbt, monkeypatch):
    marts = bigquery(Client(answer), dbt.directory, monkeypatch)
    with pytest.raises(expected):
        marts.rows("select 1")


TRIAL = {
    "run_id": "new",
    "incumbent_run_id": "old",
    "decision": "challenger",
    "reason_code": "not_better",
    "reason": "not surely better than the incumbent",
    "replaced_by_run_id": None,
    "average_precision": 0.5,
    "average_precision_low": 0.4,
    "average_precision_high": 0.6,
    "incumbent_average_precision": 0.49,
    "difference": 0.01,
    "difference_low": -0.1,
    "difference_high": 0.12,
    "positives": 40,
    "examples": 1000,
    "is_pinned": False,
    "slice_start": datetime(2024, 1, 1),
    "slice_end": datetime(2024, 6, 30),
    "brier_score": 0.02,
    "incumbent_brier_score": 0.0214,
}
NO_FIGURES = {name: None for name, value in TRIAL.items() if isinstance(value, int | float)}


def test_a_trial_is_put_into_words_with_its_figures():
    assert explanation(TRIAL) == (
        "not surely better than the incumbent; average precision 0.500 against 0.490 of run old,"
        " difference 0.010 (95 % interval -0.100 to 0.120), on 40 scams of 1,000 addresses from"
        " 2024-01-01 to 2024-06-30; Brier score 0.0200 against 0.0214"
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {
                "reason_code": "first_run",
                "reason": "first run",
                "incumbent_average_precision": None,
            },
            "first run; average precision 0.500 (95 % interval 0.400 to 0.600), on 40 scams of"
            " 1,000 addresses from 2024-01-01 to 2024-06-30",
        ),
        (
            NO_FIGURES | {"reason_code": "no_slice", "reason": "no addresses"},
            "no addresses; train again when more labels are known, or pin this run",
        ),
        (
            NO_FIGURES
            | {
                "reason_code": "no_slice",
                "reason": "no addresses",
                "decision": "champion",
                "is_pinned": True,
            },
            "no addresses; pinned by hand",
        ),
        (
            NO_FIGURES
            | {
                "reason_code": "first_run",
                "reason": "first run",
                "decision": "retired",
                "replaced_by_run_id": "newer",
            },
            "first run; replaced by run newer",
        ),
    ],
)
def test_a_decision_without_a_comparison_is_put_into_words(changes: dict[str, Any], text: str):
    assert explanation(TRIAL | changes) == text


def test_days_are_added_up_by_month():
    days = {date(2020, 1, 31): 1, date(2020, 2, 1): 2, date(2020, 2, 29): 3}
    assert bins(days, by_month=True) == {datetime(2020, 1, 1): 1, datetime(2020, 2, 1): 5}
    assert list(bins(days, by_month=False).values()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0, "0"), (0.25, "0.25"), (1e-6, "10⁻⁶"), (2.5e-5, "2.5·10⁻⁵")),
        *((12_000, "12,000"), (1e6, "1 M"), (3e9, "3 bn")),
    ],
)
def test_tick_labels_are_short(value: float, text: str):
    assert plain(value) == text


def test_bins_are_named_by_what_they_hold():
    assert [bin_name(number) for number in (-1, 0, 1, 2, 10)] == [
        *("0", "1", "2–3", "4–7", "1,024–2,047"),
    ]


def test_labels_are_moved_apart_and_stay_inside():
    assert apart([0.0, 5.0, 9.0, 9.5, 10.0], 1.0, 10.0) == [0.0, 5.0, 8.0, 9.0, 10.0]
    assert apart([1.0, 1.0], 2.0, 10.0) == [1.0, 3.0]
