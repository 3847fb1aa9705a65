"""The scam sections of the page."""

from functools import cached_property

from commands.report.errors import NothingToShow
from commands.report.marts import Marts, Row
from commands.report.numbers import UNKNOWN, percent
from commands.report.origin import Origin
from commands.report.parts import Section, part
from commands.report.scam import (
    amounts,
    calibration,
    champion,
    curves,
    data,
    delays,
    drift,
    headlines,
    importance,
    lead_time,
    metrics,
    model_card,
    naming,
    policies,
    promotions,
    queue,
    scores,
    timeline,
)


class ScamSections:
    """The sections on scam models; each part without rows says what to run.

    A part reads what it needs when it is made, so one missing table takes away one part.
    """

    def __init__(self, marts: Marts, origin: Origin) -> None:
        """Read from these marts."""
        self.marts = marts
        self.origin = origin

    @cached_property
    def run(self) -> champion.Champion:
        """The run and configuration that score."""
        return champion.champion(self.marts)

    @cached_property
    def models(self) -> dict[str, Row]:
        """The models of the configuration that scores, by fit."""
        return champion.models(self.marts, self.run)

    @cached_property
    def metrics(self) -> list[Row]:
        """Metrics of all configurations."""
        return metrics.metrics(self.marts, self.run)

    @cached_property
    def own(self) -> list[Row]:
        """Metrics of the configuration that scores."""
        return metrics.own(self.metrics, self.run)

    @cached_property
    def headlines(self) -> list[Row]:
        """The test sets that curves are drawn of."""
        return metrics.headlines(self.own)

    @cached_property
    def sets(self) -> list[Row]:
        """The test sets of the configuration that scores."""
        return metrics.sets(self.own)

    @property
    def sets_if_any(self) -> list[Row]:
        """The same, none where there are none: policies stand without them."""
        try:
            return self.sets
        except NothingToShow:
            return []

    @cached_property
    def matrices(self) -> list[Row]:
        """Confusion matrices of the configuration that scores."""
        return policies.matrices(self.marts, self.run)

    @property
    def operating_points(self) -> list[Row]:
        """The same, none where there are no policies: curves are drawn without them."""
        try:
            return self.matrices
        except NothingToShow:
            return []

    @cached_property
    def lead_times(self) -> list[Row]:
        """How far ahead of the first report the queue would have been."""
        return lead_time.lead_times(self.marts, self.run)

    @property
    def lead_times_if_any(self) -> list[Row]:
        """The same, none where there are none: the other figures stand without them."""
        try:
            return self.lead_times
        except NothingToShow:
            return []

    @cached_property
    def contributions(self) -> list[Row]:
        """What moved the scores of a draw of addresses."""
        return importance.contributions(self.marts, self.run)

    @cached_property
    def promotions(self) -> list[Row]:
        """What became of each run."""
        return promotions.promotions(self.marts)

    def facts(self) -> list[tuple[str, str]]:
        """Return what the top of the page says: the run."""
        try:
            return [("Run of the scam scores", self.run.run_id)]
        except NothingToShow:
            return []

    def sections(self) -> list[Section]:
        """Return the sections in the order of the page."""
        return [
            self.alerts(),
            self.data(),
            self.quality(),
            self.ahead(),
            self.decisions(),
            self.scores(),
            self.card(),
        ]

    def alerts(self) -> Section:
        """Who is to be reviewed."""
        return Section(
            "scam-alerts",
            "Scams: the queue",
            queue.sizes(self.marts),
            [part("queue", "First to review", lambda *at: queue.head(*at, self.marts))],
        )

    def data(self) -> Section:
        """What the models were trained and tested on."""
        return Section(
            "scam-data",
            "Scams: the data",
            [],
            [
                part("label-balance", "Labels", lambda *at: data.label_balance(*at, self.marts)),
                part(
                    "evaluations",
                    "What is trained and what is tested",
                    lambda *at: data.evaluations(*at, self.models, self.sets),
                ),
                part("coverage", "Time coverage", lambda *at: timeline.coverage(*at, self.marts)),
                part(
                    "label-delays",
                    "How late scams are reported",
                    lambda *at: delays.table(*at, self.marts),
                ),
            ],
            [
                part(slug, title, lambda *at: amounts.distribution(*at, self.marts))
                for slug, title in [
                    ("value-incoming", "Value received"),
                    ("value-outgoing", "Value sent"),
                    ("gas-price", "Gas price"),
                    ("gas-limit", "Gas limit"),
                ]
            ],
        )

    def quality(self) -> Section:
        """How well scams are found."""
        return Section(
            "scam-quality",
            "Scams: how well they are found",
            self.prevalence(),
            [
                part(
                    "headlines",
                    "The figures that belong together",
                    lambda *at: headlines.table(
                        *at, self.metrics, self.sets, self.lead_times_if_any, self.run
                    ),
                ),
                part(
                    "comparison",
                    "Average precision of each model",
                    lambda *at: metrics.comparison(*at, self.metrics, self.run),
                ),
                part(
                    "precision-recall",
                    "Precision and recall",
                    lambda *at: curves.precision_recall(
                        *at, self.marts, self.headlines, self.own, self.operating_points
                    ),
                ),
                part(
                    "calibration",
                    "Calibration",
                    lambda *at: calibration.reliability(*at, self.marts, self.headlines, self.own),
                ),
            ],
            [
                part(
                    "metrics",
                    "Metrics of the model that scores",
                    lambda *at: metrics.table(*at, self.metrics, self.run),
                ),
                part(
                    "roc",
                    "ROC curves",
                    lambda *at: curves.roc(
                        *at, self.marts, self.headlines, self.own, self.operating_points
                    ),
                ),
            ],
        )

    def ahead(self) -> Section:
        """How far ahead of reports the queue would have been."""
        return Section(
            "scam-lead-time",
            "Scams: how far ahead of reports",
            [],
            [
                part(
                    "lead-times",
                    "The queue at each cutoff",
                    lambda *at: lead_time.by_cutoff(*at, self.lead_times, self.run),
                ),
                part(
                    "lead-time-models",
                    "Beside other models",
                    lambda *at: lead_time.by_model(*at, self.lead_times, self.run),
                ),
            ],
        )

    def prevalence(self) -> list[str]:
        """Say in words how the prevalence among the tested compares with that of all addresses."""
        try:
            tested = next(row for row in self.headlines)
            states = self.marts.rows(data.LABEL_STATES)
        except NothingToShow:
            return []
        total = sum(row["addresses"] for row in states)
        scams = sum(row["addresses"] for row in states if row["label_state"] == "scam")
        return [
            "Each test answers a question of its own. As deployed says how well the scores of today"
            " rank addresses. No address is scored by a model that was trained on it.",
            "Precision depends on how rare scams are. Of all addresses"
            f" {percent(scams / total) if total else UNKNOWN} are labelled as scams, of those in"
            f" the test “{naming.evaluation(tested)}” {percent(tested['prevalence'])}. Where the"
            " second is much larger, precision on all addresses is lower than in the test."
            f" {metrics.non_scams(tested)}",
        ]

    def decisions(self) -> Section:
        """What thresholds do."""
        return Section(
            "scam-decisions",
            "Scams: thresholds and policies",
            [
                "A policy is a threshold with a condition on the queue it makes. What to expect of"
                " it is the sum of the calibrated probabilities, each by a model that was fitted"
                " without the address."
            ],
            [
                part(
                    "expectations",
                    "What to expect of each policy",
                    lambda *at: policies.expectations(*at, self.marts, self.run, self.sets_if_any),
                ),
                part(
                    "thresholds",
                    "What a threshold does",
                    lambda *at: curves.thresholds(*at, self.marts, self.run, self.headlines),
                ),
            ],
            [
                part(
                    "confusion",
                    "Confusion matrices",
                    lambda *at: policies.pictures(*at, self.matrices, self.headlines),
                ),
                part(
                    "policies",
                    "Every test and policy",
                    lambda *at: policies.table(*at, self.matrices, self.sets, self.own),
                ),
            ],
        )

    def scores(self) -> Section:
        """What the scores say of addresses."""
        return Section(
            "scam-scores",
            "Scams: the scores",
            [],
            [
                part(
                    "score-distribution",
                    "Scores of all addresses",
                    lambda *at: scores.distribution(*at, self.marts, self.run),
                ),
                part(
                    "importance",
                    "What moves the scores",
                    lambda *at: importance.importance(*at, self.contributions),
                ),
                part(
                    "score-states",
                    "What became of all addresses",
                    lambda *at: scores.states(*at, self.marts),
                ),
                part("drift", "Drift since training", lambda *at: drift.table(*at, self.marts)),
            ],
            [
                part(
                    "feature-meanings",
                    "What the features that move scores are",
                    lambda *at: importance.meanings(*at, self.contributions, self.marts),
                ),
            ],
        )

    def card(self) -> Section:
        """What the model is."""
        return Section(
            "model-card",
            "Scams: model card",
            [],
            [
                part(
                    "card",
                    "The model that scores",
                    lambda *at: model_card.card(
                        *at,
                        self.models,
                        self.run,
                        promotions.reason(self.promotions, self.run),
                        self.origin,
                        self.unknown_report_times(),
                    ),
                ),
            ],
            [part("runs", "All runs", lambda *at: promotions.table(*at, self.promotions))],
        )

    def unknown_report_times(self) -> float | None:
        """Return the share of tested scams without report time, of the first headline."""
        try:
            return self.headlines[0]["unknown_report_time_share"]
        except NothingToShow:
            return None
