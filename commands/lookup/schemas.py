"""The answers as pydantic models: documentation, and what tests hold the service to."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

State = Literal["scored", "stale", "not_scored", "too_little_to_tell", "known_scam", "known_entity"]
Decision = Literal["confirmed_scam", "not_a_scam", "needs_information", "disputed"]
EXAMPLE = "0x00000000219ab540356cbb839cbe05303d7705fa"


class Answer(BaseModel):
    """Only the members that are documented."""

    model_config = ConfigDict(extra="forbid")


class ProblemDetails(BaseModel):
    """What is wrong with a request (RFC 9457)."""

    type: str = Field(examples=["urn:problem:bad_checksum"])
    title: str
    status: int
    detail: str = Field(description="A sentence for people.")
    code: str = Field(description="For programs. Never changes its meaning.")
    errors: list[dict] | None = Field(None, description="Fields of the request that are wrong.")


class Risk(Answer):
    """How likely the address is a scam, and why."""

    tier: Literal["high", "medium", "low"] | None = Field(
        description="By the thresholds of the policies. null: no score, or no thresholds."
    )
    policy: Literal["clean_queue", "wide_net", "none"] | None = Field(
        description="The strictest policy whose queue the address belongs to. clean_queue also:"
        " reviewed as confirmed_scam, whatever its tier. none: below every threshold, never an"
        " alert (state_reason says why), or reviewed as not_a_scam. null: it has no tier."
    )
    score: float | None = Field(description="What the model gives. Only the order counts.")
    scam_probability: float | None = Field(description="Calibrated, 0 to 1.")
    reasons: str | None = Field(
        description="What raised the score most, as sentences. A build explains the tiers high and"
        " medium. Ask with explain=true for others."
    )
    reason_codes: list[str]
    evidence_transactions: list[str] = Field(
        description="Hashes of its largest transactions, for the head of the queue."
    )
    alert_rank: int | None = Field(description="Place in the queue, from 1. null: not in it.")
    is_allow_listed: bool = Field(description="Whether a label calls it benign.")
    is_alert: bool = Field(description="Whether it is to be reviewed. false once it is decided.")
    scored_at: datetime | None


class Profile(Answer):
    """The investor profile."""

    state: Literal["profiled", "stale", "not_scored", "not_eligible", "entity"]
    state_reason: str
    profile: str | None
    second_profile: str | None = Field(description="The next likely one.")
    confidence: float | None = Field(
        description="How clearly it is the first and not the second, 0 to 1."
    )
    run_id: str | None
    assigned_at: datetime | None


class Known(Answer):
    """What the chain and the labels say."""

    label_state: str
    entity_category: str | None
    is_contract: bool
    is_token: bool
    token_symbol: str | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None


class Label(Answer):
    """What a source says about the address."""

    category: str
    source: str
    label_kind: str
    usage: str = Field(description="training, or external: it never trains.")
    confidence: str | None
    url: str | None
    is_report_time_known: bool
    reported_at: datetime | None
    valid_to: datetime | None = Field(description="When the source took it back. null: it holds.")


class LatestReview(Answer):
    """The latest decision of a reviewer."""

    decision: Decision
    reviewed_at: datetime


class AddressAnswer(Answer):
    """All about one address. An address that nothing is known of has state not_scored."""

    address: str = Field(examples=[EXAMPLE])
    data_through: datetime | None = Field(description="Time of the last transaction that counts.")
    run_id: str | None = Field(description="Run that scored, or the champion. null: none yet.")
    state: State = Field(description="What the score rests on.")
    state_reason: str = Field(description="The state in words.")
    state_code: Literal["waits_for_build", "no_data"] | None = Field(
        description="waits_for_build: score or profile are missing or older than the data, and"
        " were not computed for this request. no_data: nothing is known of the address."
    )
    computed_on_request: bool = Field(
        description="Whether score and profile were computed for this request."
    )
    risk: Risk
    profile: Profile
    known: Known
    labels: list[Label]
    review: LatestReview | None


class ScoreRequest(BaseModel):
    """An address with its transactions, and its token transfers and balance if you have them.

    Rows have the columns of crypto_ethereum or of a block explorer's transaction list.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "address": EXAMPLE,
                    "transactions": [
                        {
                            "hash": "0x" + 64 * "a",
                            "from": "0x" + 40 * "b",
                            "to": EXAMPLE,
                            "value": "1000000000000000000",
                            "timeStamp": "1604600000",
                        }
                    ],
                }
            ]
        },
    )

    address: str
    transactions: list[dict] = Field(max_length=20_000)
    token_transfers: list[dict] | None = Field(None, max_length=20_000)
    # Judged as the numbers of a row, which a boolean is not.
    balance_wei: Annotated[
        Any,
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}),
    ] = None


class BatchRequest(BaseModel):
    """Addresses to look up."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"addresses": [EXAMPLE]}]}
    )

    # Anything is taken, so that an item of another type is named as malformed and spoils no other.
    addresses: list[Annotated[Any, WithJsonSchema({"type": "string"})]] = Field(
        min_length=1, max_length=1000
    )


class BatchProblem(Answer):
    """An address of a batch that is malformed."""

    position: int
    given: str | None = Field(description="At most 200 characters of it. null if it is not text.")
    code: str
    detail: str


class BatchAnswer(Answer):
    """Stored answers in the order of the request, without those that are malformed."""

    data_through: datetime | None
    run_id: str | None
    state: Literal["complete", "partial"]
    waits_for_build: list[str] = Field(
        description="Addresses whose stored answer is missing or older than the data. A batch"
        " computes nothing: ask for each of them alone to have it computed."
    )
    addresses: list[AddressAnswer]
    problems: list[BatchProblem]


class Page(Answer):
    """Where the list goes on."""

    data_through: datetime | None
    run_id: str | None
    state: Literal["ok"]
    next_cursor: str | None = Field(description="Give it as cursor for the next page.")


class Transaction(Answer):
    """One side of a transaction. Amounts are wei as text, because they exceed 64 bits."""

    transaction_hash: str | None
    block_number: int | None
    block_timestamp: datetime
    counterparty: str | None
    value_wei: str
    fee_wei: str | None
    is_outgoing: bool
    is_contract_creation: bool
    is_failed: bool


class TransactionPage(Page):
    """Transactions of an address, newest first."""

    address: str
    transactions: list[Transaction]


class Counterparty(Answer):
    """Another address and what passed between the two."""

    address: str
    incoming_count: int
    outgoing_count: int
    events: int
    incoming_wei: str
    outgoing_wei: str
    label_state: str | None
    entity_category: str | None
    is_contract: bool | None
    state: str | None
    risk_tier: str | None


class CounterpartyPage(Page):
    """Counterparties of an address, the busiest first."""

    address: str
    counterparties: list[Counterparty]


class Feature(Answer):
    """A feature of an address beside the population's median."""

    feature_name: str
    feature_family: str
    unit: str | None
    description: str
    value: float | int | None
    median_value: float | None


class FeatureAnswer(Answer):
    """Features of an address over its lifetime."""

    address: str
    data_through: datetime | None
    run_id: str | None
    state: Literal["computed", "not_scored"]
    features: list[Feature]


class Alert(Answer):
    """An address to review."""

    alert_rank: int
    address: str
    run_id: str | None
    state: str
    tier: Literal["high", "medium"]
    score: float
    scam_probability: float
    reasons: str | None
    reason_codes: list[str]
    evidence_transactions: list[str]
    scored_at: datetime


class AlertPage(Page):
    """The queue without the addresses that are decided."""

    alerts: list[Alert]


class ProfileAnswer(Answer):
    """The investor profiles of the selected run."""

    data_through: datetime | None
    run_id: str | None
    state: Literal["ok", "not_trained"]
    profiles: list[dict]


class ModelAnswer(Answer):
    """The model that scores, how good it is, and how it came to score."""

    data_through: datetime | None
    run_id: str | None
    state: Literal["ok", "not_trained"]
    model: dict | None
    policies: list[dict]
    headlines: list[dict] = Field(
        description="As deployed, after the cutoff and ahead of reports, beside trivial models."
    )
    lead_times: list[dict]
    metrics: list[dict]
    drift: list[dict]
    promotions: list[dict]


class ReviewRequest(BaseModel):
    """What a reviewer found."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"decision": "confirmed_scam", "reviewer": "dana", "note": "asks for a seed phrase"}
            ]
        },
    )

    decision: Decision
    reviewer: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"),
    ] = Field("", description="Who decided. With API keys the name of the key counts.")
    note: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""


class Review(Answer):
    """A review. Reviews are never changed."""

    review_id: int
    address: str
    decision: Decision
    reviewer: str
    note: str
    reviewed_at: datetime


class ReviewAnswer(Answer):
    """The review as it was stored."""

    data_through: datetime | None
    run_id: str | None
    state: Literal["stored"]
    review: Review


class ReviewPage(Page):
    """Reviews, newest first."""

    reviews: list[Review]
