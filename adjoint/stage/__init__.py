"""Staging: what Python can compute now is computed, and what is numeric is written down as IR.

values       what the interpreter computes with: static, dynamic and structured values
trail        every write that may have to be taken back
context      the stage of one function: frames, decisions, operands
inputs       arguments, globals and closure variables as values, and what the guard must check
merge        joins of values at the ends of branches and loops
expressions, operators, subscripts, statements, branches, loops, assign
calls, inline, natives, methods, construct, sequences
guard        the generated test of whether compiled code applies
run          the entry: `stage_function`
"""
