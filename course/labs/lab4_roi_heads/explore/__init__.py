"""Explorers of lab 4."""
