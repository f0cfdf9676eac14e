"""Functions and classes of other libraries in plain Python, which is read in their place."""
