"""Figures as CloudWatch reads them from the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

from chalicelib.adapters.emf_metrics import EmfMetrics
from chalicelib.domain.metric import Metric

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_figure_is_one_line_in_the_embedded_metric_format() -> None:
    output = StringIO()
    EmfMetrics("Loket/prod", output=output).tell(Metric.OVERDUE_SECONDS, 75, now=NOW)
    line = output.getvalue()
    assert line.endswith("}\n")
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "_aws": {
            "Timestamp": 1_798_859_045_000,
            "CloudWatchMetrics": [
                {"Namespace": "Loket/prod", "Dimensions": [[]], "Metrics": [{"Name": "OverdueSeconds"}]}
            ],
        },
        "OverdueSeconds": 75,
    }


def test_without_a_namespace_nothing_is_written() -> None:
    output = StringIO()
    EmfMetrics("", output=output).tell(Metric.DIFFERENCES, 1, now=NOW)
    assert output.getvalue() == ""
