"""Derivatives that a function takes itself, and rules of the user's own."""
