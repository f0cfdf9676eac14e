"""Staging: what Python can compute now is computed, and what is numeric is written down as IR.

The interpreter itself:

run          the entry: `stage_function`
context      the stage of one function: decisions, operands; frames: the calls that are interpreted
values       what the interpreter computes with: static, dynamic and structured values
             (memory that is changed in place, callables, iterables)
trail        every write that may have to be taken back
statements, expressions, names, assign
             the nodes of the source; own_statements: what stands for one of the user's
operators, operations
             operators on values: written, or computed now; spelled: what is known, in text

and what it does, by subject:

inputs       arguments, globals and closure variables as values, and the guard that looks at them
arrays       memory that is written, its views and layouts, and what writes into it
lists        lists of run-time length, what they hold, and where what is changed stands in them
dicts        dicts by keys known at run time; sets
objects      attributes, classes, construction, copies; which objects are the same
iteration    what a `for` goes over: sequences, iterators, comprehensions
flow         branches, loops, exits, attempts, generators, and values that meet where paths do
calls        functions with a rule or with source, builtins, methods; functions that stay functions
derivatives  derivatives that the function itself takes, and rules of the user's own
equivalents  functions of libraries in plain Python, read in their place
"""
