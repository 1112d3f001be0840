"""Clinical content as data files: every number stands in one of them, with its source beside it."""
