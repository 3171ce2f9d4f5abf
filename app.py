"""Loket: every door on one page."""

import os
from collections.abc import Callable
from typing import Any

from chalice.app import Chalice, Rate, Response

from chalicelib.entrypoints import schedules, workers
from chalicelib.entrypoints.beheer.doors import beheer
from chalicelib.entrypoints.public.door import dress
from chalicelib.entrypoints.public.embed import embed
from chalicelib.entrypoints.public.forms import forms
from chalicelib.entrypoints.public.orders import orders
from chalicelib.entrypoints.public.site_builder import site_builder
from chalicelib.entrypoints.webhooks import webhooks

STAGE = os.environ.get("LOKET_STAGE", "dev")

app = Chalice(app_name="loket")
app.register_blueprint(beheer)
app.register_blueprint(embed)
app.register_blueprint(forms)
app.register_blueprint(orders)
app.register_blueprint(site_builder)
app.register_blueprint(webhooks)


@app.middleware("http")
def finish(event: Any, get_response: Callable[[Any], Response]) -> Response:
    return dress(get_response(event), event)


# Event handlers stand here: in a blueprint, Lambda would load them without ever importing this file.
@app.on_sqs_message(queue=f"loket-{STAGE}-payments", batch_size=3, name="payments")
def payments(event: Any) -> workers.Failures:
    return workers.payments(record.to_dict() for record in event)


@app.on_sqs_message(queue=f"loket-{STAGE}-emails", batch_size=5, name="emails")
def emails(event: Any) -> workers.Failures:
    return workers.emails(record.to_dict() for record in event)


@app.on_sqs_message(queue=f"loket-{STAGE}-deliveries", batch_size=10, name="deliveries")
def deliveries(event: Any) -> workers.Failures:
    return workers.deliveries(record.to_dict() for record in event)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="sweep")
def sweep(_event: Any) -> None:
    schedules.sweep()


@app.schedule(Rate(10, unit=Rate.MINUTES), name="reconcile")
def reconcile(_event: Any) -> None:
    schedules.reconcile()


@app.schedule(Rate(1, unit=Rate.HOURS), name="retention")
def retention(_event: Any) -> None:
    schedules.retain()


@app.schedule(Rate(1, unit=Rate.MINUTES), name="newsletter")
def newsletter(_event: Any) -> None:
    schedules.newsletter()
