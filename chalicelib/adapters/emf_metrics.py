"""Metrics as lines of the log, from which CloudWatch reads them: no request, no waiting."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TextIO

from chalicelib.domain.metric import Metric


class EmfMetrics:
    """Writes each figure as one line; without a namespace it is nobody's to read, and nothing is written.

    Source: CloudWatch, "Specification: Embedded metric format".
    """

    def __init__(self, namespace: str, *, output: TextIO) -> None:
        self._namespace, self._output = namespace, output

    def tell(self, metric: Metric, value: int, *, now: datetime) -> None:
        if not self._namespace:
            return
        about = {"Namespace": self._namespace, "Dimensions": [[]], "Metrics": [{"Name": metric.value}]}
        line = {"_aws": {"Timestamp": round(now.timestamp() * 1000), "CloudWatchMetrics": [about]}, metric.value: value}
        # not through the log: what stands before a line there keeps CloudWatch from reading it
        self._output.write(json.dumps(line) + "\n")
        self._output.flush()
