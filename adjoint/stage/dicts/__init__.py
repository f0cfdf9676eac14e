"""Dicts and sets."""
