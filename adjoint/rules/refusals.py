"""Functions that are refused on values that are differentiated, each with its reason.

A function that gets a rule leaves this list. On other values all of them may be called.
"""

from __future__ import annotations

import numpy as np

from adjoint.rules.registry import refused

__all__: list[str] = []

# --- the result is no smooth function of the arguments ----------------------------------------

refused(
    "it depends on the values whether the roots of a polynomial are real; refine a root by a step"
    " of Newton's method, x - np.polyval(p, x) / np.polyval(np.polyder(p), x)",
    np.roots,
)
refused("sort the real parts, or np.argsort what orders them and index with that", np.sort_complex)
refused("write np.unique(x), which has a rule", np.unique_all, np.unique_counts)
refused("write np.unique(x), which has a rule", np.unique_inverse, np.unique_values)
refused(
    "which elements are in a set depends on all values; index with a mask from np.isin",
    np.union1d,
    np.intersect1d,
    np.setdiff1d,
    np.setxor1d,
)
refused("write np.linspace between the ends", np.histogram_bin_edges)
refused("write np.bincount of the places that np.digitize finds", np.histogram2d, np.histogramdd)

# --- what is no array -------------------------------------------------------------------------

refused("matrices are not followed; use arrays and @", np.matrix, np.asmatrix, np.bmat, effect=True)
refused("it returns an iterator, a function or a type", np.nested_iters, np.frompyfunc, effect=True)
refused("it returns an iterator, a function or a type", np.mintypecode, np.typename, effect=True)
refused("it reads the memory of an object", np.frombuffer, np.from_dlpack, np.fromiter, effect=True)
refused(
    "it reads a file or text",
    np.load,
    np.loadtxt,
    np.genfromtxt,
    np.fromfile,
    np.fromregex,
    np.fromstring,
    effect=True,
)
refused(
    "it reads or changes settings of NumPy",
    np.seterr,
    np.geterr,
    np.seterrcall,
    np.geterrcall,
    np.setbufsize,
    np.getbufsize,
    np.set_printoptions,
    np.get_printoptions,
    np.printoptions,
    np.get_include,
    np.info,
    np.show_config,
    np.show_runtime,
    np.test,
    np.einsum_path,
    np.mask_indices,
    effect=True,
)
refused(
    "dates are not differentiated",
    np.busday_count,
    np.busday_offset,
    np.is_busday,
    np.datetime_as_string,
    np.datetime_data,
)

# --- methods of arrays ------------------------------------------------------------------------

refused("the bytes of an array are no numbers that can be followed", np.ndarray.tobytes)
refused("the bytes of an array are no numbers that can be followed", np.ndarray.dumps)
refused(
    "it reads the bytes of an array as something else",
    np.ndarray.getfield,
    np.ndarray.byteswap,
    np.ndarray.setfield,
)
refused("it changes the array itself; use np.resize, which returns another", np.ndarray.resize)
refused("it changes the array itself", np.ndarray.setflags)
refused("arrays stay where they are", np.ndarray.to_device)
