"""What Vigil says, in the user's language: messages, lengths of time, entries of a log."""

from monitor.words.lines import in_words
from monitor.words.messages import say
from monitor.words.plain import clock_time, grade_words, label_of, length

__all__ = ["clock_time", "grade_words", "in_words", "label_of", "length", "say"]
