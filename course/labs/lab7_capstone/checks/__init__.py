"""Visible checks of lab 7."""
