"""The rules of the house that neither ruff nor mypy nor import-linter keeps."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from chalicelib.adapters import stripe_webhook
from chalicelib.bootstrap import Application
from chalicelib.settings import SettingsWrong, read_settings

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("chalicelib", "devstack", "infra", "tests", "bench")
SOURCES = [ROOT / "app.py", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))]
PRODUCT = [path for path in SOURCES if path.name == "app.py" or "chalicelib" in path.parts]
# No file is named after a heap of things.
HEAPS = {"utils", "helpers", "manager", "common", "misc", "base"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_module_is_short_says_what_it_is_and_has_a_name(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert source.count("\n") <= 400, "what second noun or verb lives in it?"
    assert path.stem not in HEAPS
    assert ast.get_docstring(tree), "a module opens with one sentence"
    silent = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and not ast.get_docstring(node)]
    assert not silent, f"classes without a sentence: {silent}"


def test_only_the_workers_doors_catch_everything() -> None:
    broad = [
        named(path)
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    # and the reconciliation, which must name what it cannot read, and go on
    doors = ["chalicelib/entrypoints/schedules.py", "chalicelib/entrypoints/workers.py"]
    assert sorted(set(broad)) == [*doors, "chalicelib/flows/reconcile.py"]


def test_app_only_wires() -> None:
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions
    assert [node.name for node in functions if len(node.body) > 1] == []
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.If | ast.For | ast.Try)]


def test_nothing_of_our_own_is_patched() -> None:
    words = ("mock" + ".patch", "monkeypatch" + ".setattr(chalicelib", "unittest" + ".mock")
    assert [named(path) for path in SOURCES if any(word in path.read_text(encoding="utf-8") for word in words)] == []


def test_nothing_depends_on_where_it_runs() -> None:
    """The product has no "if local": endpoints come from settings and from the SDKs' own variables."""
    words = re.compile(r"localhost|127\.0\.0\.1|AWS_SAM_LOCAL|\bmoto\b|ministack|devstack")
    assert [named(path) for path in PRODUCT if words.search(path.read_text(encoding="utf-8"))] == []


def test_time_and_ids_come_in_through_the_door() -> None:
    words = re.compile(r"datetime\.now|date\.today|time\.time\(|uuid|token_hex|utcnow")
    rooms = ("domain", "flows", "adapters", "web", "rendering")
    inside = [path for path in PRODUCT if any(room in path.parts for room in rooms)]
    assert len(inside) > 20
    assert [named(path) for path in inside if words.search(path.read_text(encoding="utf-8"))] == []


def test_every_setting_is_documented_and_no_other() -> None:
    names = r"\b(?:LOKET|STRIPE)_[A-Z_]+[A-Z]\b"
    read = set(re.findall(names, (ROOT / "chalicelib" / "settings.py").read_text(encoding="utf-8")))
    told = set(re.findall(names, (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    assert len(read) > 20
    assert read == told


def test_all_wrong_settings_are_named_together_and_no_value_is_told() -> None:
    with pytest.raises(SettingsWrong) as wrong:
        read_settings({"LOKET_STAGE": "Not A Stage", "STRIPE_SECRET_KEY": "pk_oops_secret"})
    message = str(wrong.value)
    for name in ("LOKET_STAGE", "STRIPE_SECRET_KEY", "LOKET_TABLE", "LOKET_MAIL_FROM", "LOKET_ASSOCIATION_NAME"):
        assert name in message
    assert "pk_oops_secret" not in message


def test_requirements_are_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-emulator.txt", "requirements-checks.txt"):
        lines = [line.partition("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
        loose = [line for line in lines if line and not line.startswith("-r") and "==" not in line]
        assert loose == [], name
    shipped = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"^chalice\b", shipped, re.MULTILINE), "its packager's own dependencies would ship"


def test_stripes_version_and_events_are_named_once() -> None:
    sources = {named(path): path.read_text(encoding="utf-8") for path in PRODUCT}
    assert [name for name, text in sources.items() if "2026-10-28.endive" in text] == [
        "chalicelib/adapters/stripe_gateway.py"
    ]
    for event in stripe_webhook.EVENTS:
        named_in = [name for name, text in sources.items() if f'"{event}"' in text]
        assert named_in == ["chalicelib/adapters/stripe_webhook.py"]


def test_a_page_needs_neither_stripe_nor_the_mail_service() -> None:
    """What is heavy is imported where it is used; the web's cold start must not pay for it."""
    heavy = ("stripe", "requests", "email_validator", "stdnum", "icalendar", "xlsxwriter", "markdown_it", "nh3")
    top = {path: ast.parse(path.read_text(encoding="utf-8")).body for path in PRODUCT}
    allowed = {f"chalicelib/adapters/stripe_{part}.py" for part in ("books", "gateway", "session", "webhook")}
    found = [
        named(path)
        for path, body in top.items()
        for node in body
        if (isinstance(node, ast.Import) and any(alias.name.partition(".")[0] in heavy for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in heavy)
    ]
    assert set(found) <= allowed
    assert Application.__doc__


def test_the_version_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.13,<3.14"
    assert (ROOT / ".python-version").read_text(encoding="utf-8").strip() == "3.13"
