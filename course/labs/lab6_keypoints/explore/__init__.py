"""Explorers of lab 6."""
