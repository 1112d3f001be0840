"""Frames that a device spreads over notifications: CRC-8 and putting the pieces together."""

from __future__ import annotations

from collections.abc import Callable

# A frame that is not whole this many seconds after its first byte has lost a piece. Frames of
# the devices we know take well under a second; what came later would be old data looking new.
STALE = 2.0


def _table(polynomial: int) -> bytes:
    rows = bytearray()
    for value in range(256):
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & 0x80 else value << 1) & 0xFF
        rows.append(value)
    return bytes(rows)


_CRC8 = _table(0x07)


def crc8(data: bytes) -> int:
    """CRC-8 with polynomial 0x07, initial value 0 (dossier 2.2, 2.5)."""
    crc = 0
    for byte in data:
        crc = _CRC8[crc ^ byte]
    return crc


def _reflected(polynomial: int) -> bytes:
    rows = bytearray()
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ polynomial if value & 1 else value >> 1
        rows.append(value)
    return bytes(rows)


_CRC8_MAXIM = _reflected(0x8C)


def crc8_maxim(data: bytes) -> int:
    """CRC-8/MAXIM: polynomial 0x31 with the lowest bit first (0x8C), initial value 0 (dossier 2.7)."""
    crc = 0
    for byte in data:
        crc = _CRC8_MAXIM[crc ^ byte]
    return crc


class Reassembler:
    """Finds whole frames in a stream of notifications; survives lost, split and foreign bytes.

    `size` is asked with the bytes from a start byte on and answers the whole frame's length, 0
    while it cannot know yet, or -1 where no frame can begin so. `intact` checks a whole frame.
    The buffer never holds more than one unfinished frame, so it is bounded by `size`'s answers.
    """

    def __init__(
        self,
        start: int,
        size: Callable[[bytes], int],
        intact: Callable[[bytes], bool],
        *,
        long: bool = False,
    ) -> None:
        """`long`: a frame is a whole memory and takes longer than STALE; the time is that of each piece."""
        self._start = bytes((start,))
        self._long = long
        self._size = size
        self._intact = intact
        self._pending = b""
        self._whole: list[bytes] = []
        self._since = 0.0

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame wait for more."""
        return len(self._pending)

    def feed(self, data: bytes, now: float) -> tuple[list[bytes], int]:
        """The frames that are whole after `data`, and how many bytes belonged to none.

        `now` in seconds. After a damaged frame the search goes on one byte further, so a good
        frame that began inside it is still found.
        """
        lost = self.expire(now)
        whole, self._whole = self._whole, []
        if not self._pending:
            if data.startswith(self._start) and self._size(data) == len(data) and self._intact(data):
                return [*whole, data], lost  # the usual case: one notification, one frame
            self._since = now
        buffer = self._pending + data
        frames, foreign, self._pending = self._search(buffer)
        if len(self._pending) < len(buffer) or self._long:
            self._since = now
        return whole + frames, lost + foreign

    def expire(self, now: float) -> int:
        """Give up an unfinished frame older than STALE; how many bytes belonged to none.

        What seemed to begin a frame did not: the next `feed`, also of nothing, gives the whole
        frames that came behind it.
        """
        if not self._pending or now - self._since <= STALE:
            return 0
        frames, lost, self._pending = self._search(self._pending[1:])
        self._whole += frames
        self._since = now
        return lost + 1

    def _search(self, buffer: bytes) -> tuple[list[bytes], int, bytes]:
        """The whole frames in `buffer`, how many bytes belong to none, and the beginning of one more."""
        frames: list[bytes] = []
        at = lost = 0
        while (found := buffer.find(self._start, at)) >= 0:
            lost += found - at
            at = found
            rest = buffer[at:]
            size = self._size(rest)
            if size == 0 or size > len(rest):
                return frames, lost, rest
            if size < 0 or not self._intact(rest[:size]):
                lost += 1
                at += 1
                continue
            frames.append(rest[:size])
            at += size
        return frames, lost + len(buffer) - at, b""
