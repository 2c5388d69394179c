"""Hostile, broken and odd submissions as data: who grades them must neither give a point away nor lose one."""
