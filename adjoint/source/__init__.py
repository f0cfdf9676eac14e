"""From a function object to its tree: read the text, parse it, and say what each name refers to.

`read.py` finds the source text of a function, `compiled.py` makes sure that it is the text of
the code that runs, `parse.py` turns it into a gast tree with positions as in the file, and
`bindings.py` resolves names as Python does.
"""
