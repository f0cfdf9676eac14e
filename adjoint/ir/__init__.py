"""The intermediate representation: structured SSA of NumPy expressions.

nodes      variables, operands, statements, blocks, functions
ops        what a statement does and how it is spelled
values     abstract values: scalars, arrays, lists
lengths    symbolic axis lengths and the facts assumed of them
operands   the abstract values of operands
infer      the abstract value of a result, by running the operation on specimens
specimen_calls  one call on specimens
elements   the same for functions of single elements; dtypes: of arrays of one of several dtypes
arithmetic functions of arithmetic, with all their spellings
broadcasting  the shapes of operands together; indices: what is taken of arrays, and its lengths
shapes     lengths of results, by function
matrix_shapes  shapes that numpy.linalg and numpy.fft return
specimens  small values in the place of what is known at run time only
updates    operations that write into an array; memory: who shares memory with whom
subscripts what those of ``np.einsum`` say of axes
builder    writes statements; handles: symbolic arrays on which rules run
templates    statements that are written anew wherever they are needed
custom       calls of functions that have a rule of their own
holomorphic  whether a backward sweep is linear over the complex numbers
walk       reads, writes and substitutes; alike: which operands are written alike
rebuild    nodes with other parts, which stay the same nodes where nothing is other
remembered what was found of nodes, while a function is compiled
check      the verifier
show       text of the IR, for tests and people
"""
