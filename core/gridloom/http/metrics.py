"""Counters in the Prometheus text format; numbers only, no labels that name people or counties."""

from collections import Counter
from collections.abc import Callable

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Answers by endpoint and status, their durations in seconds, and gauges that are read when asked."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._sums: Counter[str] = Counter()
        self._gauges: dict[str, Callable[[], float]] = {}

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answers[endpoint, status] += 1
        self._sums[endpoint] += seconds  # type: ignore[assignment]
        for bound in BUCKETS:
            if seconds <= bound:
                self._buckets[endpoint, bound] += 1

    def gauge(self, name: str, read: Callable[[], float]) -> None:
        """Show a number that is read at each scrape."""
        self._gauges[name] = read

    def text(self) -> str:
        """Everything, in the exposition format 0.0.4."""
        lines = ["# TYPE gridloom_answers_total counter"]
        for (endpoint, status), count in sorted(self._answers.items()):
            lines.append(f'gridloom_answers_total{{endpoint="{endpoint}",status="{status}"}} {count}')
        lines.append("# TYPE gridloom_answer_seconds histogram")
        for endpoint in sorted(self._sums):
            total = sum(count for (name, _), count in self._answers.items() if name == endpoint)
            for bound in BUCKETS:
                count = self._buckets[endpoint, bound]
                lines.append(f'gridloom_answer_seconds_bucket{{endpoint="{endpoint}",le="{bound}"}} {count}')
            lines.append(f'gridloom_answer_seconds_bucket{{endpoint="{endpoint}",le="+Inf"}} {total}')
            lines.append(f'gridloom_answer_seconds_sum{{endpoint="{endpoint}"}} {self._sums[endpoint]:.6f}')
            lines.append(f'gridloom_answer_seconds_count{{endpoint="{endpoint}"}} {total}')
        for name, read in sorted(self._gauges.items()):
            lines.extend((f"# TYPE gridloom_{name} gauge", f"gridloom_{name} {read():g}"))
        return "\n".join(lines) + "\n"
