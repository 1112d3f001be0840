"""The second place: a window for another desk of the same computer, with a loudspeaker of its own."""

from monitor.language import noted

PLACE = noted("second place")
"""Its name in the record."""

OF_THE_ROOM = noted("the room's own loudspeaker")
