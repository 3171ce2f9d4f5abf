"""The command that imports subscribers: the real one, in this process, on a table in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.subscriber_import import Reason
from chalicelib.entrypoints.import_subscribers import WORDS, main
from tests.desk import Desk
from tests.entrypoints.test_import_members import told

REST = "0 to keep as unsubscribed, 0 to ask in a next run, 0 there already, 2 refused."
HEADING = "e-mail;naam;onderwerpen;toestemming op;bewijs"


@pytest.fixture(autouse=True)
def running(desk: Desk) -> None:
    bootstrap.use(desk.application)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lezers.csv"
    lines = ["ada@voorbeeld.nl;Ada;congres;1-3-2025;brief", "bea@voorbeeld.nl;;;;", "cas@;;;;", "ADA@voorbeeld.nl;;;;"]
    path.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    return path


def test_every_row_is_told_then_written_then_the_same(
    desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = desk.items()
    rows = [
        "row 2  add     ada@voorbeeld.nl: brief, 2025-03-01",
        "row 3  ask     bea@voorbeeld.nl: no proof, so he is asked by mail",
        "row 4  REFUSE  (no address): 'cas@' is no e-mail address",
        "row 5  REFUSE  ADA@voorbeeld.nl: the same address is on row 2, which counts",
    ]
    assert main([str(file)]) == 1
    said = told(capsys)
    assert said[:4] == rows
    assert said[4] == f"1 to subscribe, 1 to ask by mail, {REST}"
    assert said[5].startswith("Nothing was written")
    assert desk.items() == before
    assert main([str(file), "--apply"]) == 1
    assert told(capsys)[4] == f"1 subscribed, 1 asked by mail, {REST.replace('to keep', 'kept')}"
    assert main([str(file), "--apply"]) == 1
    said = told(capsys)
    assert said[0] == "row 2  same    ada@voorbeeld.nl: subscribed already"
    assert said[1] == "row 3  same    bea@voorbeeld.nl: asked already"


def test_a_file_of_another_desk_keeps_who_left_and_says_so(
    desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        "email;consent on;consent source;status;unsubscribed on",
        "ada@voorbeeld.nl;1-3-2025;letter;unsubscribed;",
        "bea@voorbeeld.nl;1-3-2025;letter;subscribed;1-4-2025",
        "cas@voorbeeld.nl;1-3-2025;letter;Unconfirmed;",
        "dirk@voorbeeld.nl;1-3-2025;letter;Subscribed;",
        "eva@voorbeeld.nl;1-3-2025;letter;cleaned;",
        "fay@voorbeeld.nl;;;unsubscribed;1-4-2030",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main([str(file), "--apply"]) == 1
    assert told(capsys)[:7] == [
        "row 2  left    ada@voorbeeld.nl: has unsubscribed, and is kept so",
        "row 3  left    bea@voorbeeld.nl: has unsubscribed, and is kept so",
        "row 4  ask     cas@voorbeeld.nl: no proof, so he is asked by mail",
        "row 5  add     dirk@voorbeeld.nl: letter, 2025-03-01",
        "row 6  REFUSE  eva@voorbeeld.nl: 'cleaned' is no standing: write ontvangt, nog niet bevestigd or afgemeld",
        "row 7  REFUSE  fay@voorbeeld.nl: 2030-04-01 is still to come: nobody can have consented or left then",
        "1 subscribed, 1 asked by mail, 2 kept as unsubscribed, 0 to ask in a next run, 0 there already, 2 refused.",
    ]
    assert main([str(file), "--apply"]) == 1
    assert told(capsys)[0] == "row 2  same    ada@voorbeeld.nl: unsubscribed already"


def test_one_proof_for_all_and_so_many_questions(desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("e-mail\na@voorbeeld.nl\nb@voorbeeld.nl\n", encoding="utf-8")
    assert main([str(file), "--questions", "1"]) == 0
    assert "In one run 1 are asked. Run the same command again for the next of them." in told(capsys)
    assert main([str(file), "--apply", "--proof", "vinkje in 2025", "--proof-date", "31-12-2025"]) == 0
    assert told(capsys)[0] == "row 2  add     a@voorbeeld.nl: vinkje in 2025, 2025-12-31"
    with pytest.raises(SystemExit):
        main([str(file), "--proof-date", "gisteren"])


def test_a_file_that_is_none_is_refused(desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("naam;leeftijd\nAda;3\n", encoding="utf-8")
    assert main([str(file)]) == 1
    err = capsys.readouterr().err
    assert "The heading has columns that are not known: leeftijd." in err
    assert "The heading has no column for: email." in err


def test_there_are_words_for_everything() -> None:
    assert set(WORDS) == set(Reason)
