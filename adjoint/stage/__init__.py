"""Staging: what Python can compute now is computed, and what is numeric is written down as IR.

values       what the interpreter computes with: static, dynamic and structured values
             (memory that is changed in place, callables, iterables)
trail        every write that may have to be taken back
context      the stage of one function: decisions, operands; frames; spelled: what is known, in text
access       how a part of the input is reached; outside: what an object from there is
inputs       arguments, globals and closure variables as values, and what the guard must check
buffers      arrays that are written; aliases: which may be one; views: ways to parts, and back;
             einsum_views
sites        where the memory of arrays and lists was made
holders      what lists hold; positions: whether that is where it was; put_in: names led there
pools        arrays that one name may be in turn, kept in one list
writes       the next version of an array; writers: functions and methods that write
merge        joins of values at the ends of branches and loops; sameness: which are the same
several      objects and containers that stand for several; identities: of those that came in
renewed      what a loop carries, after it
branches     both arms of a run-time condition, staged and joined
regions      loop bodies: what is carried from trip to trip, and when it has settled
operations   operations on values: written, or computed now
expressions, operators, same_objects, subscripts, comprehensions, names, assign, unpacking
protocols    special methods: what operators and builtins ask the class of an object
attribute_reads, class_attributes; attributes (writing them), array_attributes
statements, dispatch (run-time arms that may leave), loop_statements, loops, matching
exceptions, handlers, attempts, attempt_exits, step_by_step, raises; contexts, protected (clean-ups)
bodies       exits in statements replaced
functions    functions that stay functions; signatures (of their calls), captures
solvers      calls of solvers, to which functions of the program are handed
returns      bodies run to their end, and what functions return
generators   run inside out: the body of a loop stands where an item is yielded
streams      iterators made of iterators; equivalents: itertools in Python; itertools_
container_equivalents  `collections` in Python; sets, copying
calls, methods, rule_calls, opaque_calls, inline, construct, class_definitions
natives, native_iterables, native_reductions, native_functions, randomness
own_names    functions that look at the names of their caller, which are refused
derivatives  that the function itself takes; asked: by what; apart: their functions, interpreted
linear_maps  pullbacks and tangents; jacobians, and derivative_equivalents: their loops in Python
likenesses   objects that a derivative's function is given, and gradients by them
structures   of arguments and results; cotangents;
             holomorphic: what is promised of them
custom       calls of functions with a rule of their own: custom_calls, custom_rules
transposition, linearity  the rule of one mode from that of the other
sequences, combined, lists, records (lists of tuples, dicts or objects), placed (what is in them
             and may change), changed_items, list_parts, list_edits, exchanges, orders, arrays
directives   what functions that stand for others say
directions   what the guard looks at of tangents
guard        the generated test of whether compiled code applies
closed       containers that came in and are not taken apart
words        what the guard looks at, as `.explain()` says it
run          the entry: `stage_function`
"""
