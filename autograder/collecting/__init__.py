"""Collect what students hand in as zips: read what may be hostile archives, each by itself, and lose nothing."""
