"""What the packaged template says of itself, as far as AWS charges for it."""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.domain.metric import Metric
from chalicelib.settings import SECRETS
from infra.merge import merge_template
from infra.resources import QUEUES

_PACKAGING = json.loads((Path(__file__).parents[2] / ".chalice" / "config.json").read_text(encoding="utf-8"))
_RESOURCES = merge_template(stage="prod")["Resources"]

MEMORY_GB: float = _PACKAGING["lambda_memory_size"] / 1024
LOG_DAYS: int = _PACKAGING["log_retention_in_days"]
# From this size on API Gateway compresses an answer.
COMPRESSED_FROM: int = _PACKAGING["minimum_compression_size"]
# Lambda asks each of them for messages, day and night; nobody asks a dead-letter queue.
POLLED_QUEUES = len(QUEUES)
ALARMS = sum(resource.get("Type") == "AWS::CloudWatch::Alarm" for resource in _RESOURCES.values())
# SES tells the reputation of a configuration set in two figures, bounces and complaints.
_REPUTATIONS = sum(
    resource.get("Type") == "AWS::SES::ConfigurationSet"
    and resource["Properties"]["ReputationOptions"]["ReputationMetricsEnabled"]
    for resource in _RESOURCES.values()
)
METRICS = len(Metric) + 2 * _REPUTATIONS
# Each is decrypted when a function starts.
ENCRYPTED_PARAMETERS = len(SECRETS)
