"""Visible checks of lab 5."""
