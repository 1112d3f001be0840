"""`vigil handover`: the page for the ambulance crew, of a running session or a finished one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.language import tr
from monitor.trouble import Trouble
from ui.cli_record import Data, KeyFile, Session, find, reading

if TYPE_CHECKING:
    from monitor.handover import Page
    from monitor.store.store import Store

handing_over = typer.Typer()


@handing_over.command()
def handover(
    session: Session,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write the page here; printed as text if left out."),
    ] = None,
    data: Data = None,
    key_file: KeyFile = None,
) -> None:
    """One page for the ambulance crew: what was given, what happened and when, last and worst values."""
    from monitor.handover import as_html, as_text
    from ui.paper import write_page

    with reading(data, key_file) as store:
        page = _page(store, find(store, session))
    if out is None:
        print(as_text(page), end="")
    else:
        write_page(out, as_html(page))


def _page(store: Store, log_id: str) -> Page:
    from monitor.clock import SystemClock
    from monitor.codec import BadEntry, unseal
    from monitor.handover import hand_over
    from monitor.session import fold

    try:
        state = fold(unseal(sealed.data)[0] for sealed in store.read(log_id))
    except (BadEntry, ValueError) as error:
        raise Trouble(
            tr("The record of this session is damaged."),
            tr("A page made of it could leave out what matters."),
            tr("`vigil show` prints what can be read; `vigil verify` names the first bad entry."),
        ) from error
    now_ms = state.until_ms
    if state.ended_ms is None:
        now_ms = max(now_ms, state.timeline.at(SystemClock().now()))
    return hand_over(state, now_ms)
