"""The command that imports members: the real one, in this process, on a table in memory."""

import re
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.member_import import Reason
from chalicelib.entrypoints.import_members import WORDS, main
from chalicelib.web.member_file import MOST_ROWS
from chalicelib.web.table_file import LARGEST_FILE, FileReason
from chalicelib.web.table_words import FILE_WORDS
from tests.crash.saboteur import Fault, Saboteur
from tests.desk import Desk

EXAMPLE = Path(__file__).parents[2] / "docs" / "members-example.csv"
HEADING = "organisatie;kvk;domeinen;contactpersoon;e-mail;geldig tot"


@pytest.fixture(autouse=True)
def running(desk: Desk) -> None:
    bootstrap.use(desk.application)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "leden.csv"


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What was printed, without the lines before the first row and the empty ones."""
    out, err = capsys.readouterr()
    assert err == ""
    return [line for line in out.splitlines() if line][1:]


def test_the_example_is_shown_then_written_then_the_same(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    before = desk.items()
    assert main([str(EXAMPLE)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"4 rows of {EXAMPLE}, for https://aanmelden.example.nl (stage dev, table loket-dev)\n")
    assert "\nrow 2  add     Gemeente Voorbeeldstad (12345678): voorbeeldstad.nl, valid until 2027-12-31\n" in out
    assert "\n4 to add, 0 to change, 0 the same, 0 refused.\nNothing was written: this was a dry run." in out
    assert desk.items() == before

    assert main([str(EXAMPLE), "--apply"]) == 0
    assert told(capsys)[-1] == "4 added, 0 changed, 0 the same, 0 refused."
    assert len(desk.items("membership")) == 4
    assert main([str(EXAMPLE), "--apply"]) == 0
    assert told(capsys)[-1] == "0 added, 0 changed, 4 the same, 0 refused."


def test_every_row_is_named_with_what_becomes_of_it(desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"{HEADING}\nEen;12345678;een.nl;Ada;;31-12-2027\nTwee;;twee.nl;;;31-12-2027\n", encoding="cp1252")
    main([str(file), "--apply"])
    capsys.readouterr()
    lines = [
        "Een;12345678;een.nl,uno.nl;;;31-12-2028",
        "Twee;;twee.nl;;;31-12-2027",
        'Drie;123;"info@drie.nl gmail.com";;;31-12-27',
        "Vier;;een.nl;;;31-12-2027",
        ";;vijf.nl;;;31-12-2027",
        "Zes;;zes.nl;;;31-12-2027",
        "Zeven;;twee.nl;;;1-1-2026",
    ]
    file.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    assert main([str(file), "--apply"]) == 1
    assert told(capsys) == [
        "row 2  REFUSE  Een: een.nl is on row 5 as well",
        "row 3  REFUSE  Twee: twee.nl is on row 8 as well",
        "row 4  REFUSE  Drie: '123' is no KvK number (8 digits) or OIN (20 digits); did a spreadsheet drop zeros or "
        "round it?; 'info@drie.nl' is an address: give only what is behind the @; gmail.com is a mail provider for "
        "everybody: it says nothing about an organisation; '31-12-27' has a year of two digits: write it with four",
        "row 5  REFUSE  Vier: een.nl is on row 2 as well",
        "row 6  REFUSE  (no organisation): the organisation is missing",
        "row 7  add     Zes: zes.nl, valid until 2027-12-31",
        "row 8  REFUSE  Zeven: twee.nl is on row 3 as well; 2026-01-01 is in the past",
        "1 added, 0 changed, 0 the same, 6 refused.",
    ]
    file.write_text("\n".join([HEADING, lines[0], "Acht;;twee.nl;;;31-12-2027"]), encoding="utf-8")
    assert main([str(file)]) == 1
    assert told(capsys)[:3] == [
        "row 2  change  Een: domains een.nl → een.nl uno.nl; contact Ada → –; valid until 2027-12-31 → 2028-12-31",
        "row 3  REFUSE  Acht: twee.nl belongs to 'Twee', whose membership is running",
        "0 to add, 1 to change, 0 the same, 1 refused.",
    ]


def test_a_hundred_and_more(desk: Desk, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"Organisatie {number};;o{number}.nl;;;31-12-2027" for number in range(140)]
    file.write_text("\r\n".join([HEADING, *lines]), encoding="utf-8-sig")
    assert main([str(file), "--apply"]) == 0
    lines = told(capsys)
    assert lines[0].startswith("row   2  add     Organisatie 0:")
    assert lines[-1] == "140 added, 0 changed, 0 the same, 0 refused."


def test_when_the_table_is_away_it_says_where_it_stopped_and_a_second_time_finishes(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    counting = Saboteur()
    counting.sit_on(desk)
    assert main([str(EXAMPLE)]) == 0
    Saboteur({len(counting.calls): Fault.REFUSED}).sit_on(desk)
    capsys.readouterr()
    assert main([str(EXAMPLE), "--apply"]) == 1
    out, err = capsys.readouterr()
    rows = out.count("\nrow ")
    assert 0 < rows < 4
    assert err.splitlines()[1:] == [
        f"Stopped at row {rows + 2}: the table did not answer (ConnectTimeoutError).",
        "What is above it is done. Run the same command again.",
    ]
    assert main([str(EXAMPLE), "--apply"]) == 0
    assert told(capsys)[-1] == f"{4 - rows} added, 0 changed, {rows} the same, 0 refused."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file has no rows below its heading."),
        (b"PK\x03\x04\0\0", "The file is not a CSV in UTF-8, Windows-1252 or UTF-16: save the spreadsheet as CSV."),
        (b"x" * 10_000_000, "The file is larger than 2 MB: split it."),
        (
            f"{HEADING};f\x1b[2J;b\n".replace("kvk;", "").encode(),
            "The heading has columns that are not known: f�[2J, b.\nThe heading has no column for: KvK or OIN.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    desk: Desk, file: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    file.write_bytes(content)
    assert main([str(file), "--apply"]) == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"{words}\nNothing was read. See docs/members.md.\n")
    assert desk.items("membership") == []


def test_a_file_that_is_not_there(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(file)]) == 1
    assert "No such file" in capsys.readouterr().err
    assert main([str(file.parent)]) == 1


def test_no_file_can_steer_the_terminal(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"{HEADING}\nEen;\x1b]0;een.nl\x07;;;\x1b[31m\n", encoding="utf-8")
    assert main([str(file)]) == 1
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err


def test_there_are_words_for_every_reason_and_the_page_explains_them() -> None:
    assert set(WORDS) == set(Reason)
    assert set(FILE_WORDS) == set(FileReason)
    page = (EXAMPLE.parent / "members.md").read_text(encoding="utf-8")
    unexplained = [words for words in WORDS.values() if re.sub(r"\{\w+\}", "…", words) not in page]
    assert unexplained == []
    assert f"At most {LARGEST_FILE // 1024**2} MB and {MOST_ROWS} rows" in page


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "docs/members.md" in capsys.readouterr().out
