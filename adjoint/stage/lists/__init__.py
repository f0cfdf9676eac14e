"""Lists of run-time length, and what they hold."""
