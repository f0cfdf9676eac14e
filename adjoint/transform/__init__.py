"""The reverse sweep: IR in, IR out.

reverse     the sweep over statements, branches and loops
pullbacks   the contributions of one statement, by rule or by the construct of the language
accumulate  adjoints: adding, unbroadcasting, casting, zeros
keep        what is kept from the forward sweep for the backward sweep
gradient    the whole gradient function: arguments, sweeps, results
"""
