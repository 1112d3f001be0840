"""Passes bytes between standard input and output and a Unix socket: one D-Bus connection out of the machine.

qemu starts it for each connection, which its own forwarding would share among all of them.
"""

from __future__ import annotations

import os
import select
import socket
import sys


def main(path: str) -> None:
    """Relay until either side closes."""
    bus = socket.socket(socket.AF_UNIX)
    bus.connect(path)
    while True:
        readable, _, _ = select.select([0, bus], [], [])
        if 0 in readable:
            data = os.read(0, 65536)
            if not data:
                return
            bus.sendall(data)
        if bus in readable:
            data = bus.recv(65536)
            if not data:
                return
            while data:
                data = data[os.write(1, data) :]


if __name__ == "__main__":
    main(sys.argv[1])
