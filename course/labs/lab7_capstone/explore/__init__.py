"""Explorers of lab 7."""
