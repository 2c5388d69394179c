"""Explorers of lab 5."""
