"""Facts about a function, in dicts and sets that the analysis returns.

activity    which variables a derivative passes through
"""
