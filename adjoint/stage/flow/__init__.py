"""Control flow: branches, loops, exits, attempts, and the values that meet where paths do."""
