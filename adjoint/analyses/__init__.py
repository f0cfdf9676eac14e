"""Facts about a function, in dicts and sets that the analysis returns.

activity    which variables a derivative passes through
plain       which variables surely hold Python numbers
cancelling  cotangents that are zero because the sums in them cancel
versions    which variables are versions of one array that is written
regions     which part of an array an index takes, as ranges of counters
"""
