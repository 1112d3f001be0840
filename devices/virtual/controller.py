"""One virtual Bluetooth controller, with what Bumble's lacks put right."""

from __future__ import annotations

import asyncio

from bumble import hci
from bumble.controller import Controller
from bumble.link import LocalLink


class VirtualController(Controller):
    """A Bumble controller that can cancel a connection attempt and has an address of its own."""

    # Extended advertising would only add sets, handles and a second event per connection that no
    # instrument here needs; without it hosts use the legacy commands.
    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )

    def __init__(self, name: str, link: LocalLink, public_address: str) -> None:
        # Bumble gives every controller the same public address unless told otherwise; the link
        # routes by address, so pairing with two of them would go to either.
        super().__init__(name, link=link, public_address=public_address)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Core 7.8.13: forget the attempt and report it as ended with "unknown connection".

        Bumble 0.0.236 answers success and keeps the attempt pending, after which every later
        connection is refused.
        """
        attempt, self.pending_le_connection = self.pending_le_connection, None
        if attempt is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        ended = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=attempt.peer_address.address_type,
            peer_address=attempt.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        # After the command's own answer, as the standard orders them.
        asyncio.get_running_loop().call_soon(self.send_hci_packet, ended)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)
