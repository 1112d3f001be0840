"""Troubles that stand and troubles that pass: each where it belongs, none wiped by another."""

from __future__ import annotations

from monitor.trouble import Trouble
from ui.troubles import HOME, STAYS_MS, WORKER, Troubles

OFF = Trouble("Bluetooth is switched off.", "No device can be read.", "Switch it on.")
STILL = Trouble("The measuring part stands still.", "Nothing is measured.", "Start again.")
LEFT = Trouble("Vigil left a crash report.", "It holds no patient.", "Pass it on.")
REFUSED = Trouble("Only a physician may do this.", "Nothing was entered.", "Ask one.")


def test_a_standing_trouble_is_told_everywhere_until_its_own_source_says_it_is_over() -> None:
    troubles = Troubles()
    troubles.stand("runtime", OFF)
    troubles.stand(WORKER, STILL)
    assert troubles.at("a") is troubles.at(HOME) is STILL
    troubles.stand(WORKER, None)
    assert troubles.at("a") is troubles.at(HOME) is OFF
    troubles.stand("runtime", None)
    assert troubles.at("a") is None


def test_a_failed_request_is_told_where_it_was_made_and_goes_by_itself() -> None:
    troubles = Troubles()
    troubles.stand("runtime", OFF)
    troubles.refuse("a", REFUSED)
    assert (troubles.at("a"), troubles.at("b"), troubles.at(HOME)) == (REFUSED, OFF, OFF)
    assert not troubles.seen("a", STAYS_MS - 1)
    assert troubles.seen("a", 1)
    assert troubles.at("a") is OFF


def test_a_failed_request_does_not_go_unseen() -> None:
    troubles = Troubles()
    troubles.refuse("a", REFUSED)
    assert not troubles.seen("b", 2 * STAYS_MS)
    troubles.stand(WORKER, STILL)
    assert not troubles.seen("a", 2 * STAYS_MS)
    troubles.stand(WORKER, None)
    assert troubles.at("a") is REFUSED


def test_what_is_only_mentioned_covers_nothing_and_goes_once_it_was_seen() -> None:
    troubles = Troubles()
    troubles.stand("runtime", OFF)
    troubles.mention(HOME, LEFT)
    assert (troubles.at(HOME), troubles.at("a")) == (OFF, OFF)
    assert not troubles.seen(HOME, 2 * STAYS_MS)
    troubles.stand("runtime", None)
    assert (troubles.at(HOME), troubles.at("a")) == (LEFT, None)
    troubles.refuse(HOME, REFUSED)
    assert troubles.seen(HOME, STAYS_MS)
    assert troubles.at(HOME) is LEFT
    assert not troubles.seen(HOME, STAYS_MS - 1)
    assert troubles.seen(HOME, 1)
    assert troubles.at(HOME) is None
    troubles.mention(HOME, LEFT)
    assert troubles.touched(HOME)
    assert troubles.at(HOME) is None


def test_a_touch_puts_away_a_failed_request_and_no_standing_trouble() -> None:
    troubles = Troubles()
    troubles.stand("runtime", OFF)
    troubles.refuse("a", REFUSED)
    assert troubles.touched("a")
    assert not troubles.touched("a")
    assert troubles.at("a") is OFF
