"""Explorers of lab 1."""
