"""Another process finds the same, and where it cannot, that is a trouble and never a clean record."""

from __future__ import annotations

from pathlib import Path

import pytest
from chains import KEY

from monitor.store.backup import faults_in
from monitor.store.checking import faults_apart
from monitor.store.manifest import Fault
from monitor.trouble import Trouble


def test_it_finds_what_this_process_finds(written: Path, tamper: object) -> None:
    assert callable(tamper)
    assert faults_apart(written, KEY, True) == []
    tamper("UPDATE entry SET data = CAST('{}' AS BLOB) WHERE seq = 3")
    assert faults_apart(written, KEY, True) == faults_in(written, KEY, True)
    assert faults_apart(written, KEY, True)[0] == Fault("s1", 3)


def test_where_it_fails_no_record_passes_for_whole(written: Path) -> None:
    with pytest.raises(Trouble, match="could not be read again"):
        faults_apart(written, b"x" * 32, True)
