"""Other limits tried on a finished session: its alarms by its own limits, and by those. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from monitor.alarms.conditions import Preset
from monitor.alarms.replay import Summary, read_log, replay_log
from monitor.codec import Sealed
from monitor.language import tr
from monitor.trouble import Trouble


class Trial(msgspec.Struct, frozen=True):
    """One session told twice to the alarm rules, without what people did to its alarms."""

    was: Summary
    """By its own preset, with the limits that were set in it."""
    would: Summary
    """By the preset and limits that are tried."""


def try_limits(log: Sequence[Sealed], own: Preset, preset: Preset, limits: Mapping[str, float]) -> Trial:
    """Replay a session's log both ways; a second or so for two hours. Raises Trouble for a damaged one."""
    as_it_was, otherwise = (read_log(log, keep_limits=keep) for keep in (True, False))
    if as_it_was.damaged:
        raise Trouble(
            tr("The record of this session is damaged."),
            tr("Counts made of it could leave alarms out, so none are made."),
            tr("`vigil verify` names the first bad entry; restore a backup."),
        )
    return Trial(replay_log(as_it_was, own, {}).summary, replay_log(otherwise, preset, limits).summary)
