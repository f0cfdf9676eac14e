"""Traps: one test for each way a source transformer goes silently wrong."""
