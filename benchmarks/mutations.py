"""Print what can be left out of the generated gradients of the corpus without anybody noticing.

    PYTHONPATH=. python benchmarks/mutations.py [EVERY]

One push, kill, undo or copy at a time is taken out of the code of every program (or of each
EVERY-th), and the code without it is run. What survives is listed with its program and the line of
its generated source: first the dead code, where even poison goes unnoticed; then what is read, and
yet makes no difference.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from tests.emitted import emitted_gradient, every_program
from tests.mutations import Mutant, mutants


def all_mutants(every: int) -> Iterator[Mutant]:
    """Yield the mutants of each `every`-th program that is not refused."""
    for one in every_program()[::every]:
        emitted = emitted_gradient(one)
        if emitted is not None:
            yield from mutants(emitted)


def counts(found: Sequence[Mutant]) -> Iterator[str]:
    """Yield the lines of a table: how many mutants of each kind there are, and what became of them.

    The share that is killed is of those which touch something that is read.
    """
    yield f"{'':<16}{'mutants':>9}{'dead code':>11}{'survive':>9}{'killed':>9}"
    for kind in [*dict.fromkeys(one.site.kind for one in found), ""]:
        own = [one for one in found if kind in ("", one.site.kind)]
        dead = sum(one.unread for one in own)
        killed = sum(bool(one.noticed) for one in own)
        share = killed / max(1, len(own) - dead)
        rest = len(own) - dead - killed
        yield f"{kind or 'all':<16}{len(own):>9}{dead:>11}{rest:>9}{share:>9.1%}"


def survivors(found: Sequence[Mutant], unread: bool) -> Iterator[str]:
    """Yield a line for each mutant that was not noticed, by kind, program and line."""
    for kind in dict.fromkeys(one.site.kind for one in found):
        for one in found:
            if one.site.kind == kind and not one.noticed and one.unread == unread:
                yield f"{kind:<14} {one.program}:{one.site.line}  {one.site.text}"


def main() -> None:
    found = list(all_mutants(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
    print(*counts(found), sep="\n")
    print(
        "\ndead code: what is stored, copied or pushed is not read",
        *survivors(found, True),
        sep="\n",
    )
    print("\nread, and yet no difference", *survivors(found, False), sep="\n")


if __name__ == "__main__":
    main()
