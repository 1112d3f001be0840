"""The log: one JSON object a line, in private files of bounded size, whoever says what in whichever way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ui import logs

ROOT = Path(__file__).parents[2]
SECRET = "Zitronenfalter"

BEGIN = """
import logging, structlog, sys, threading, warnings
from pathlib import Path
from monitor.trouble import Trouble
from ui import logs
directory = Path(sys.argv[1])
SECRET = "Zitronen" + "falter"
log = structlog.get_logger("ui.test")
recent = logs.configure(directory)
"""


def said(directory: Path, code: str) -> subprocess.CompletedProcess[str]:
    """What a process that configures the log into `directory` and then runs `code` leaves."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code, str(directory)],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "default"},
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )
    assert SECRET not in done.stderr + done.stdout
    for file in directory.glob("*") if directory.is_dir() else ():
        assert SECRET not in file.read_text("utf-8")
    return done


def lines(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / logs.FILE).read_text("utf-8").splitlines()]


def test_our_own_words_are_written_and_values_only_where_they_can_be_no_text(tmp_path: Path) -> None:
    done = said(
        tmp_path / "logs",
        """
log.warning("%d links of %s", 7, SECRET, late=3, name=SECRET, of=TimeoutError)
log.info("told to files only")
log.debug("told to nobody")
log.error("left", happened=Trouble("The disk is full.", "a", "b"))
logging.getLogger("devices.test").error("a number %d was none", SECRET)
""",
    )
    begins, warning, info, error, other = lines(tmp_path / "logs")
    assert begins["event"].startswith("Vigil ")
    assert warning["event"] == "7 links of …"
    assert (warning["late"], warning["name"], warning["of"]) == (3, "…", "TimeoutError")
    assert (warning["level"], warning["logger"]) == ("warning", "ui")
    assert info["event"] == "told to files only"
    assert error["happened"] == "The disk is full."
    assert other["event"] == "a number %d was none"
    assert [json.loads(line) for line in done.stderr.splitlines()] == [warning, error, other]


def test_of_libraries_only_who_and_where_is_written(tmp_path: Path) -> None:
    said(
        tmp_path / "logs",
        """
import asyncio, email
logging.getLogger("asyncio." + SECRET).warning("device " + SECRET)
logging.getLogger("email.pool").error("%s", SECRET, stack_info=True)
logging.getLogger("keyring").info("no warning")
structlog.get_logger(SECRET).error(SECRET, of=SECRET)
warnings.warn(SECRET)
""",
    )
    found = lines(tmp_path / "logs")[1:]
    assert [line["logger"] for line in found] == ["asyncio", "email", "…", "ui.logs"]
    assert all(line.keys() == {"timestamp", "level", "logger", "at"} for line in found[:3])
    assert found[3]["event"].startswith("UserWarning of ")


def test_an_error_is_written_as_its_way_whatever_it_quotes(tmp_path: Path) -> None:
    said(
        tmp_path / "logs",
        """
def fails():
    raise ValueError(SECRET)
try:
    fails()
except ValueError as error:
    kept = error
    log.exception("it failed")
    logging.getLogger("asyncio").exception(SECRET)
log.error("it had failed", exc_info=kept)
logging.getLogger("devices.link").error("it had failed", exc_info=kept)
""",
    )
    found = lines(tmp_path / "logs")[1:]
    assert len(found) == 4
    assert all(line["error"][-1] == "ValueError" for line in found)
    assert all(line["error"][-2].endswith(" fails") for line in found)


def test_files_are_private_and_their_size_is_bounded(tmp_path: Path) -> None:
    said(tmp_path / "logs", "for n in range(40_000): log.info('%d of many', n)")
    files = sorted((tmp_path / "logs").iterdir())
    assert 2 <= len(files) <= logs.KEPT + 1
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_size <= logs.LARGEST for file in files)
    assert lines(tmp_path / "logs")[-1]["event"] == "39999 of many"


def test_where_no_file_can_be_written_warnings_still_reach_stderr(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = said(tmp_path / "file" / "logs", "log.warning('heard'); print(len(recent))")
    assert json.loads(done.stderr)["event"] == "heard"
    assert done.stdout == "2\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_is_no_reason_to_print_what_could_not_be_written(tmp_path: Path) -> None:
    (tmp_path / logs.FILE).symlink_to("/dev/full")
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + "log.info('a'); log.info('b', of=SECRET)", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=50,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_last_lines_are_at_hand(tmp_path: Path) -> None:
    done = said(tmp_path / "logs", "for n in range(300): log.info('%d', n)\nprint(len(recent), recent[-1])")
    assert done.stdout.startswith(f"{logs.RECENT} ")
    assert json.loads(done.stdout.partition(" ")[2])["event"] == "299"


def test_it_lies_in_the_data_directory_that_was_named_or_with_the_users_logs(tmp_path: Path) -> None:
    assert logs.place(tmp_path) == tmp_path / "logs"
    assert "vigil" in logs.place(None).parts
    assert str(logs.place(None)).startswith(os.environ["XDG_STATE_HOME"])
