"""What readers call evaluations and models."""

from commands.report.marts import Row
from commands.report.numbers import day, words

# A date is not broken at the end of a line.
HYPHEN = "\u2011"

# In the order of the page.
EVALUATIONS = {
    "deployed": "As deployed",
    "future": "After the cutoff",
    "to_date": "Whole histories",
    "random": "A random fifth",
    "external": "External list",
    "rolling": "After an earlier cutoff",
    "lead_time": "Ahead of reports",
}

QUESTIONS = {
    "deployed": "The model that scores addresses, on the addresses it was trained on, as of today",
    "future": "A model of the time before the cutoff, on what happened from the cutoff on",
    "to_date": "The same model, on all that addresses did before and after the cutoff",
    "random": "A model without a fifth of the addresses, on that fifth",
    "external": "The model that scores addresses, on scams of a list that never trains",
    "rolling": "A model of the time before an earlier cutoff, tested up to the next one",
    "lead_time": "The queue of a day in the past, against what was first reported later",
}

SUBSETS = {
    "first_seen_after_cutoff": "new addresses",
    "at_least_3_events": "3 events or more",
    "at_least_5_events": "5 events or more",
    "received_below_0.1_eth": "received below 0.1 ETH",
    "received_0.1_to_1_eth": "received 0.1 to 1 ETH",
    "received_1_to_10_eth": "received 1 to 10 ETH",
    "received_10_to_200_eth": "received 10 to 200 ETH",
    "received_200_eth_or_more": "received 200 ETH or more",
}

MODELS = {
    "xgboost": "boosted trees",
    "logistic_regression": "logistic regression",
    "random_forest": "random forest",
    "one_hop_rule": "one-hop rule",
    "null_model": "one amount alone",
    "shuffled_labels": "shuffled labels",
    "incumbent": "champion before this run",
}

FEATURE_SETS = {
    "all": "all features",
    "dictionary": "dictionary",
    "without_absolute_time": "dictionary without absolute time",
    "value_free": "all without amounts",
    "total_amount_incoming": "amount received",
    "scam_counterparty_share": "share of counterparties that are scams",
}

# Evaluations that have several cutoffs.
DATED = {"rolling": "After", "lead_time": "Queue of"}

POLICIES = {"clean_queue": "clean queue", "wide_net": "wide net", "budget": "budget"}


def evaluation(row: Row) -> str:
    """Name what a model was tested on: evaluation, cutoff and subset."""
    name = EVALUATIONS.get(row["evaluation"], words(row["evaluation"]).capitalize())
    if row["evaluation"] in DATED:
        name = f"{DATED[row['evaluation']]} {day(row['cutoff_at'])}".replace("-", HYPHEN)
    if row["subset"] != "all":
        name += f", {SUBSETS.get(row['subset'], words(row['subset']))}"
    return name


def order(row: Row) -> tuple:
    """Sort evaluations as EVALUATIONS are, with what is new after them."""
    names, subsets = [*EVALUATIONS], ["all", *SUBSETS]
    return (
        _place(names, row["evaluation"]),
        row["evaluation"],
        row["fit_name"],
        _place(subsets, row["subset"]),
        row["subset"],
    )


def policy_name(row: Row) -> str:
    """Name a policy."""
    return POLICIES.get(row["policy_name"], words(row["policy_name"]))


def policy_order(row: Row) -> int:
    """Sort policies from the shortest queue to the longest, with what is new after them."""
    return _place([*POLICIES], row["policy_name"])


def model(model_name: str, feature_set: str) -> str:
    """Name a kind of model and the features it sees."""
    name = MODELS.get(model_name, words(model_name))
    return f"{name}, {FEATURE_SETS.get(feature_set, words(feature_set))}"


def _place(names: list[str], name: str) -> int:
    return names.index(name) if name in names else len(names)
