"""The packaged template, read as a test asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

type Json = dict[str, Any]


class Template:
    """A packaged template: its resources, and what each function is given."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content: Json = json.loads(path.read_text(encoding="utf-8"))

    @property
    def resources(self) -> dict[str, Json]:
        resources: dict[str, Json] = self.content["Resources"]
        return resources

    def of(self, kind: str) -> dict[str, Json]:
        """The properties of all resources of one type, by name."""
        return {name: each["Properties"] for name, each in self.resources.items() if each["Type"] == kind}

    @property
    def functions(self) -> dict[str, Json]:
        return self.of("AWS::Serverless::Function")

    @property
    def routes(self) -> list[str]:
        return list(self.of("AWS::Serverless::Api")["RestAPI"]["DefinitionBody"]["paths"])

    def variables(self, function: str) -> Json:
        """The environment of a function, as SAM merges it from the globals and the function's own."""
        everywhere: Json = self.content["Globals"]["Function"]["Environment"]["Variables"]
        own: Json = self.functions[function]["Environment"]["Variables"]
        return everywhere | own

    def environment(self, function: str, *, stack: Mapping[str, str]) -> dict[str, str]:
        """The environment as the function sees it, in a stack whose resources and parameters are these."""
        return {name: _resolved(value, stack=stack) for name, value in self.variables(function).items()}

    def statements(self, function: str) -> list[Json]:
        """What the role of a function allows."""
        role, _ = self.functions[function]["Role"]["Fn::GetAtt"]
        policies = self.of("AWS::IAM::Role")[role]["Policies"]
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def _resolved(value: Any, *, stack: Mapping[str, str]) -> str:
    match value:
        case {"Ref": str(name)}:
            return stack[name]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w.:]+)\}", lambda found: stack[found[1]], text)
        case _:
            return str(value)
