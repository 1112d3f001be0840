"""The live screen in full view: one small widget per file, each showing one thing."""
