"""Explorers of lab 3."""
