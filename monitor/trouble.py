"""Errors a person can meet: what happened, what it means for monitoring, what to do."""

from __future__ import annotations


class Trouble(Exception):
    """An error with the two lines a person reads.

    Never put patient data into any of the three parts: they reach stderr and log files.
    """

    def __init__(self, happened: str, meaning: str, todo: str) -> None:
        super().__init__(happened)
        self.happened = happened
        self.meaning = meaning
        self.todo = todo

    def two_lines(self) -> str:
        """The error as shown: first what happened, then what it means and what to do."""
        return f"{self.happened}\n{self.meaning} {self.todo}"
