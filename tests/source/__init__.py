"""Tests of reading, parsing and name resolution."""
