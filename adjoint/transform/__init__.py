"""The reverse and the forward sweep: IR in, IR out.

reverse       the sweep over statements, branches and loops
exits         loops that are left in the middle, rewritten to end at the end of a trip
attempts      what may fail, made to tell whether it did
single_trips  loops that have one trip at most, written without the loop
overwritten   names that are another array in each trip
pullbacks     the contributions of one statement, by the construct of the language
by_rule       the contributions of a function that has a rule
custom        those of a function whose rule is the user's
accumulate    adjoints: adding, unbroadcasting, casting, zeros
calls         calls of functions of the program: forward and backward
callees       the functions that are called, with a pullback
solvers       calls of solvers, which are given functions of the program, in both modes
writes        the contributions of a write into an array or an item of a list
list_edits    the contributions of adding an item to a list, and taking one out
of_lists      the contributions of functions of lists of unknown length
memory        arrays that are written, as they go back through their versions
parts         what statements read of arrays
bound         which variables have a value on the path that a sweep is on
keep          what is kept from the forward sweep for the backward sweep; swept: for what is needed
forward_sweep the forward sweep, with what it keeps
sweeps        both sweeps of a body; whole: what gradients and pullbacks have in common
outputs       what is returned, taken apart; wanted: what is asked for; asked: in what was staged
holomorphic   what `holomorphic=True` promises, held or refused
gradient      the whole gradient function: arguments, sweeps, results
pullback      the value, and the function from cotangents to gradients
inner         a derivative inside a function; stacks: of its sweeps, as values; own_stacks: copies
inner_tangents  the same forwards; parting: what is done once, for all directions
plain_value   the function itself, where that takes derivatives

forward          the sweep that writes each statement with its tangent
pushforwards     the tangent of one statement; forward_writes: of a write into an array
transposed       forward mode from a rule of reverse mode
tangents         tangents: zeros, whole shapes, sums
tangent          the whole tangent function; results: what both hand back
"""
