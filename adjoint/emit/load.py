"""Generated text made into functions that pdb, tracebacks and `inspect` can show."""

from __future__ import annotations

import hashlib
import io
import linecache
from typing import Final

# Classes and functions take their `__module__` from this name, and tools look that up in
# `sys.modules`: it must be a module that is there and that importing again does nothing to.
_MODULE_NAME: Final = "adjoint"


def load(text: str, name: str, namespace: dict[str, object]) -> dict[str, object]:
    """Return the namespace that results from running a generated module.

    Parameters
    ----------
    text
        Source text of a module.
    name
        What the text is for; it becomes part of the file name that tracebacks show.
    namespace
        Names that the text may use. It is not changed.

    Returns
    -------
    dict
        A new namespace: `namespace` and what the text defines. The same text under the same
        name has the same file name each time, so loading it again keeps nothing more alive.

    Examples
    --------
    >>> names = load("def double_grad(x):\\n    return two\\n", "double_grad", {"two": 2.0})
    >>> names["double_grad"](5.0)
    2.0
    """
    filename = file_name(text, name)
    code = compile(text, filename, "exec", dont_inherit=True)
    # Without a modification time, `linecache.checkcache` never drops the entry.
    # Not `splitlines`: it breaks lines at characters which Python's own line count ignores.
    lines = io.StringIO(text).readlines()
    linecache.cache[filename] = (len(text), None, lines, filename)
    module: dict[str, object] = {
        "__name__": _MODULE_NAME,
        "__builtins__": __builtins__,
    }
    module.update(namespace)
    exec(code, module)  # running the text is what this function is for
    return module


def file_name(text: str, name: str) -> str:
    """Return the synthetic file name of a text, such as `<adjoint loss_grad 1a2b3c4d5e6f>`.

    Examples
    --------
    >>> file_name("pass\\n", "loss_grad")
    '<adjoint loss_grad 9f56e761d79b>'
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"<adjoint {name} {digest[:12]}>"
