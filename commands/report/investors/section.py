"""The investor sections of the page."""

from functools import cached_property

from commands.report.errors import NothingToShow
from commands.report.investors import choice, distributions, profiles, relations, run, states
from commands.report.investors.points import sample_points, with_features
from commands.report.marts import Marts, Row
from commands.report.numbers import decimal, minute
from commands.report.parts import Section, part


class InvestorSections:
    """The sections on investor profiles; each part without rows says what to run.

    A part reads what it needs when it is made, so one missing table takes away one part.
    """

    def __init__(self, marts: Marts) -> None:
        """Read from these marts."""
        self.marts = marts

    @cached_property
    def candidates(self) -> list[Row]:
        """All candidates of the run that assigns profiles."""
        return run.candidates(self.marts)

    @cached_property
    def summaries(self) -> list[Row]:
        """The profiles of the run, the largest first."""
        return run.summaries(self.marts)

    @cached_property
    def looks(self) -> dict[int, run.Look]:
        """The look of each cluster."""
        return run.looks(self.summaries)

    @cached_property
    def points(self) -> list[Row]:
        """Addresses the clustering was fitted on."""
        return sample_points(self.marts, run.selected(self.candidates)["run_id"])

    @cached_property
    def points_with_features(self) -> list[Row]:
        """The same addresses with the features they were clustered by."""
        return with_features(self.marts, self.points)

    def facts(self) -> list[tuple[str, str]]:
        """Return what the top of the page says: the run."""
        try:
            winner = run.selected(self.candidates)
        except NothingToShow:
            return []
        return [("Run of the profiles", f"{winner['run_id']}, {minute(winner['trained_at'])}")]

    def sections(self) -> list[Section]:
        """Return the sections in the order of the page."""
        return [self.addresses(), self.choice(), self.profiles()]

    def addresses(self) -> Section:
        """Who is clustered, by which features."""
        return Section(
            "investor-addresses",
            "Investors: the addresses",
            [
                "Profiles are for eligible addresses: those with enough ether (1 ETH unless set"
                " otherwise) that are not a known exchange, contract or other entity. They are"
                " clustered by balance, number of tokens and number of token transfers."
            ],
            [
                part("balances", "Balances", lambda *at: distributions.balances(*at, self.marts)),
                part(
                    "tokens",
                    "Tokens",
                    lambda *at: distributions.number_of(*at, self.marts, "unique_tokens"),
                ),
                part(
                    "transfers",
                    "Token transfers",
                    lambda *at: distributions.number_of(*at, self.marts, "unique_transfers"),
                ),
                part(
                    "profile-states",
                    "What became of all addresses",
                    lambda *at: states.states(*at, self.marts),
                ),
            ],
            [
                part(
                    "correlations",
                    "Rank correlations",
                    lambda *at: relations.correlations(*at, self.points_with_features),
                ),
                part(
                    "scatter-matrix",
                    "Each feature against each",
                    lambda *at: relations.scatter_matrix(
                        *at, self.points_with_features, self.looks
                    ),
                ),
            ],
        )

    def choice(self) -> Section:
        """Why this clustering."""
        return Section(
            "investor-choice",
            "Investors: how the clustering was chosen",
            self.what_was_selected(),
            [
                part(
                    "silhouettes-fitted",
                    "Silhouette against clusters, fitted space",
                    lambda *at: choice.silhouette_curves(
                        *at, self.candidates, "silhouette", "fitted"
                    ),
                ),
                part(
                    "silhouettes-reference",
                    "Silhouette against clusters, reference space",
                    lambda *at: choice.silhouette_curves(
                        *at, self.candidates, "reference_silhouette", "reference"
                    ),
                ),
            ],
            [
                part(
                    "candidates",
                    "Candidates",
                    lambda *at: choice.candidate_table(*at, self.candidates),
                ),
            ],
        )

    def what_was_selected(self) -> list[str]:
        """Say in words what was selected and why."""
        try:
            winner = run.selected(self.candidates)
        except NothingToShow:
            return []
        return [
            f"Selected: {run.label(winner)}. Silhouette {decimal(winner['silhouette'])} in the"
            f" fitted space (with shuffled columns {decimal(winner['shuffled_silhouette'])}) and"
            f" {decimal(winner['reference_silhouette'])} in the reference space,"
            f" stability {decimal(winner['stability'])}. Why: {winner['selection_reason']}.",
            "A candidate meets the bar with three or more clusters, none under 2 % of the sample, a"
            " stability of 0.8, a silhouette in the reference space no worse than that of the"
            " earlier work's recipe, and one in the fitted space above that of column-shuffled"
            " addresses by more than its interval. Of those the one preferred in most of ten half"
            " samples wins, unless last time's is close to it.",
        ]

    def profiles(self) -> Section:
        """What came out."""
        return Section(
            "investor-profiles",
            "Investors: the profiles",
            [
                "A profile says what addresses do, not who they are. Names come from rules on the"
                " medians and stay from run to run."
            ],
            [
                part(
                    "profile-sizes",
                    "Sizes",
                    lambda *at: profiles.sizes(*at, self.summaries, self.looks),
                ),
                part(
                    "profile-map",
                    "The profiles on two principal components",
                    lambda *at: profiles.pca_map(*at, self.points, self.looks),
                ),
                part(
                    "profile-cards",
                    "One by one",
                    lambda *at: profiles.cards(*at, self.summaries, self.looks),
                ),
            ],
            [
                part(
                    "profile-silhouettes",
                    "Silhouettes of the selected clustering",
                    lambda *at: profiles.silhouette_plot(*at, self.points, self.looks),
                ),
                part(
                    "profile-confidences",
                    "How clear the profiles are",
                    lambda *at: profiles.confidences(*at, self.marts, self.looks),
                ),
            ],
        )
