"""The CloudFormation stack of one stage: how it is, what would change, and the change itself, told as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from infra.account import Account
from infra.resources import stack_name
from infra.trouble import Trouble

type Tell = Callable[[str], None]

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
NOTHING = ("didn't contain changes", "No updates are to be performed")
# A first deploy takes two to four minutes; CloudFormation itself gives up after an hour.
PATIENCE = 3600
# What a first deploy that failed leaves.
LEFT_OVER = (
    *("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"),
    *("IMPORT_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_FAILED"),
)
# What a resource is in that is not there, or never was.
GONE = ("DELETE_COMPLETE", "CREATE_FAILED")
# What a stack is in when nothing goes on and nothing is the matter.
WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One resource of a change set: what would happen to it."""

    action: str
    resource: str
    kind: str
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change set that waits to be carried out."""

    name: str
    changes: tuple[Change, ...]


def stack_of(where: Account, *, stage: str) -> Stack:
    """The stack of a stage, there or not."""
    return Stack(where.client("cloudformation"), name=stack_name(stage=stage))


class StackFailed(Trouble):
    """CloudFormation went back to how it was; the message says why."""


class Stack:
    """One stack by its name; `pause` waits so many seconds between two looks."""

    def __init__(self, client: Any, *, name: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client, self.name, self._pause = client, name, pause

    def state(self) -> str:
        """The status as CloudFormation names it; empty when there is no stack."""
        found = self._found()
        return str(found["StackStatus"]) if found else ""

    def outputs(self) -> dict[str, str]:
        found = self._found() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        found = self._found() or {}
        return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}

    def resources(self, kind: str) -> dict[str, str]:
        """The physical ids of all resources of a type, by their names in the template."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [each for page in pages for each in page["StackResourceSummaries"]]
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in found
            # after a deploy that failed the others are listed still, with what there was of them
            if each["ResourceType"] == kind and each["ResourceStatus"] not in GONE and each.get("PhysicalResourceId")
        }

    def template(self) -> dict[str, Any]:
        """The template as it was given; the AWS SDK reads JSON by itself here."""
        return dict(self._client.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"])

    def check(self) -> None:
        """Raises Trouble when the stack is in a state from which nothing can be changed."""
        state = self.state()
        if state.endswith("_IN_PROGRESS") and state != "REVIEW_IN_PROGRESS":
            raise Trouble(f"stack {self.name} is being changed ({state}). Wait until that is done, and try again.")
        if state in LEFT_OVER:
            raise Trouble(
                f"stack {self.name} is left over from a first deploy that failed ({state}). Look in its events why, "
                "take it away with make destroy (what is in the table stays), and deploy again."
            )
        if state == "DELETE_FAILED":
            raise Trouble(
                f"stack {self.name} could not be taken away whole ({state}). Mend what its events name, and run make "
                "destroy again."
            )
        if state == "UPDATE_ROLLBACK_FAILED":
            raise Trouble(
                f"stack {self.name} could not go back to how it was ({state}). Mend what its events name, then: "
                f"aws cloudformation continue-update-rollback --stack-name {self.name}"
            )

    def propose(
        self,
        *,
        template_url: str,
        parameters: Mapping[str, str],
        tags: Mapping[str, str],
        adopt: Sequence[Mapping[str, Any]] = (),
    ) -> Proposal | None:
        """A change set towards a template; None when nothing would change. `adopt` are resources that exist already.

        Raises StackFailed.
        """
        # one that was carried out keeps its name for itself
        name = f"loket-{uuid4().hex[:12]}"
        kind = "IMPORT" if adopt else "CREATE" if self.state() in ("", "REVIEW_IN_PROGRESS") else "UPDATE"
        self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=name,
            ChangeSetType=kind,
            TemplateURL=template_url,
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            Capabilities=CAPABILITIES,
            **({"ResourcesToImport": list(adopt)} if adopt else {}),
        )
        made = self._until(
            lambda: self._client.describe_change_set(StackName=self.name, ChangeSetName=name),
            lambda found: found["Status"] in ("CREATE_COMPLETE", "FAILED"),
        )
        if made["Status"] == "FAILED":
            self._client.delete_change_set(StackName=self.name, ChangeSetName=name)
            reason = made.get("StatusReason", "")
            if any(words in reason for words in NOTHING):
                return None
            raise StackFailed(f"CloudFormation does not take the template: {reason}")
        return Proposal(name=name, changes=tuple(self._changes(name)))

    def discard(self, proposal: Proposal) -> None:
        """Forget a change set that nobody wants; with it the empty stack that it was for."""
        self._client.delete_change_set(StackName=self.name, ChangeSetName=proposal.name)
        if self.state() == "REVIEW_IN_PROGRESS":
            self._client.delete_stack(StackName=self.name)

    def carry_out(self, proposal: Proposal, *, tell: Tell) -> None:
        """Make the change, telling each step. Raises StackFailed with the first reason when it is taken back."""
        seen = self._last_event()
        self._client.execute_change_set(StackName=self.name, ChangeSetName=proposal.name)
        reasons = self._follow(tell, after=seen)
        state = self.state()
        if state not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
            raise StackFailed(f"CloudFormation went back ({state}): {reasons[0] if reasons else 'see its events'}")

    def delete(self, *, tell: Tell) -> None:
        """Take the stack away; what its template retains stays. Raises StackFailed."""
        seen = self._last_event()
        found = self._found()
        self._client.delete_stack(StackName=self.name)
        reasons = self._follow(tell, after=seen, named=found["StackId"] if found else self.name)
        if self.state():
            raise StackFailed(
                f"stack {self.name} is not gone ({self.state()}): {reasons[0] if reasons else 'see its events'}"
            )

    def _found(self) -> dict[str, Any] | None:
        try:
            stacks = self._client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                return None
            raise
        found: dict[str, Any] = stacks[0]
        return found

    def _changes(self, name: str) -> list[Change]:
        pages = self._client.get_paginator("describe_change_set").paginate(StackName=self.name, ChangeSetName=name)
        changes = [each["ResourceChange"] for page in pages for each in page["Changes"]]
        return [
            Change(
                action=each["Action"],
                resource=each["LogicalResourceId"],
                kind=each["ResourceType"],
                replaced=each.get("Replacement") == "True",
            )
            for each in changes
        ]

    def _until(self, look: Callable[[], dict[str, Any]], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        waited = 0.0
        while not holds(found := look()):
            if waited > PATIENCE:
                raise Trouble(f"CloudFormation takes longer than an hour over stack {self.name}. Look in its console.")
            pause = 0.2 if waited < 2 else 3.0
            self._pause(pause)
            waited += pause
        return found

    def _last_event(self) -> datetime | None:
        events = self._events(self.name) if self.state() else []
        return events[0]["Timestamp"] if events else None

    def _events(self, name: str) -> list[dict[str, Any]]:
        """The newest first; those of one page are enough between two looks."""
        events: list[dict[str, Any]] = self._client.describe_stack_events(StackName=name)["StackEvents"]
        return events

    def _follow(self, tell: Tell, *, after: datetime | None, named: str = "") -> list[str]:
        """Tell what happens until the stack itself is done; the reasons of what failed, the first one first.

        Its state alone does not do: for a moment it is still the one from before.
        """
        told: set[str] = set()
        reasons: list[str] = []

        def look() -> dict[str, Any]:
            done = False
            for event in reversed(self._events(named or self.name)):
                if event["EventId"] in told or (after and event["Timestamp"] <= after):
                    continue
                told.add(event["EventId"])
                status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
                if status.endswith("_FAILED") and "cancelled" not in reason:
                    reasons.append(f"{event['LogicalResourceId']}: {reason}")
                if status.endswith(("_COMPLETE", "_FAILED")):
                    tell(f"{event['LogicalResourceId']} {status.lower().replace('_', ' ')}")
                    done |= event["PhysicalResourceId"] == event["StackId"]
            return {"done": done}

        self._until(look, lambda found: bool(found["done"]))
        # the state may be told a moment later than the event
        self._until(lambda: {"state": self.state()}, lambda found: not found["state"].endswith("_IN_PROGRESS"))
        return reasons
