"""Explorers of lab 2."""
