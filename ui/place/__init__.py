"""The second place: a window for another desk of the same computer, with a loudspeaker of its own."""

PLACE = "second place"
"""Its name in the record."""

OF_THE_ROOM = "the room's own loudspeaker"
