"""What Prometheus reads."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        """Start at zero."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "lookup_requests", "Requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "lookup_request_seconds",
            "Seconds per request",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.in_progress = Gauge(
            "lookup_requests_in_progress", "Requests being answered", registry=self.registry
        )
        self.swaps = Counter(
            "lookup_copies_opened", "Serving copies opened", registry=self.registry
        )
        self.data_through = Gauge(
            "lookup_data_through_timestamp_seconds",
            "Time of the last transaction in the serving copy",
            registry=self.registry,
        )
        self.published_at = Gauge(
            "lookup_published_timestamp_seconds",
            "When the serving copy was written",
            registry=self.registry,
        )
        self.reviews = Counter(
            "lookup_reviews", "Reviews stored", ["decision"], registry=self.registry
        )
        self.on_request = Histogram(
            "lookup_on_request_seconds",
            "Seconds per address computed on request",
            buckets=BUCKETS,
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Return the figures in the format of Prometheus."""
        return generate_latest(self.registry)
