"""Passes from IR to IR that make the backward sweep what one would have written by hand.

hidden       what is there for derivatives alone (before the others, once)
closed_forms compositions that have a derivative of their own
exchanges    items of a list that change places
asked_again  reads that ask what a write asks again
spectral     functions of matrices by their eigenvalues, or their singular values
threading    trips that leave their loop leave where that is decided
decided      branches on what is known
shape_reads  shapes read from what is there anyway
dead         what nothing needs
stored       what was just put into a place, by its name
dead_writes  parts of arrays that are written and not read again
originals    old contents that are still in an argument
invariants   carried variables that never change, and joins that are the same in both arms
refills      zeros to which something is added at once
fold         algebra: signs, ones, zeros, constants, reshapes; names for the same value
shared       calls that two rules make with the same
arms         sums in the arm that contributes
kills        zeros after what still reads their places
order        statements where they need no second name
vdot         sums of products
wholes       lists that are handed on whole
dense        copies for functions that read a broadcast number wrong
twin_stacks  what is kept twice
unbound      None for what zeros are made like and was not bound
pullbacks    the backward sweep as a function of its own
ownership    sums and products in place
records      one array for what the trips of a loop keep

Between functions, `taken` has them own what they change of what they are given, `own_results` says
of what they return whose it is, and `handed_parts` which parts may lie where they are.

rewriting, everywhere, products, factors, signs, reshaping, masked_sums and nested_choices hold the
rules of `fold`; borrowing
says whose memory an update writes, and copies makes it ours; lifetimes says who shares memory and
who reads what when; raising and proofs say what may raise, with safe_calls and safe_products for
calls, and fitting, sequences, ranges and presence for shapes, lists, indices and None; edit
replaces statements; eigenvectors and scaled_vectors find the products of `spectral`; places says
which places of arrays are the same, or apart; stacks what is done with each stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from adjoint.ir.lengths import Facts
from adjoint.ir.nodes import Function
from adjoint.ir.ops import Callee
from adjoint.optimise.arms import add_in_arms
from adjoint.optimise.asked_again import ask_once
from adjoint.optimise.closed_forms import use_closed_forms
from adjoint.optimise.dead import remove_dead
from adjoint.optimise.dead_writes import remove_dead_writes, remove_unseen_writes
from adjoint.optimise.decided import take_decided
from adjoint.optimise.dense import make_dense
from adjoint.optimise.exchanges import use_exchanges
from adjoint.optimise.fold import fold
from adjoint.optimise.invariants import remove_invariants
from adjoint.optimise.kills import sink_kills
from adjoint.optimise.order import reorder
from adjoint.optimise.originals import read_originals
from adjoint.optimise.own_results import note_own_results
from adjoint.optimise.ownership import own
from adjoint.optimise.pullbacks import define_pullback
from adjoint.optimise.records import use_records
from adjoint.optimise.refills import refill
from adjoint.optimise.shape_reads import read_shapes_elsewhere
from adjoint.optimise.shared import share_calls
from adjoint.optimise.spectral import use_spectral
from adjoint.optimise.stored import read_stored
from adjoint.optimise.taken import hand_over, hand_over_cotangents
from adjoint.optimise.threading import thread_exits
from adjoint.optimise.triangles import use_triangles
from adjoint.optimise.twin_stacks import merge_twin_stacks
from adjoint.optimise.unbound import bind_unbound
from adjoint.optimise.vdot import use_vdot
from adjoint.optimise.wholes import hand_on_wholes

__all__ = ["PASSES", "Pass", "optimise", "optimise_program", "simplify"]

Pass = Callable[[Function, Facts], Function]

PASSES: tuple[tuple[Pass, str], ...] = (
    (use_exchanges, "first: a write in between that is undone is none to be left out"),
    (ask_once, "what an exchange reads itself is not needed any more"),
    (use_closed_forms, "first: a value in between that is kept or read is none to be left out"),
    (use_triangles, "what is known of the matrix of eigenvectors, functions of it know too"),
    (use_spectral, "before a derivative is taken, which reads the slope of what is computed"),
    (thread_exits, "a value that an exit alone needs is not needed by the other ends of a trip"),
    (take_decided, "an arm that is not taken reads nothing"),
    (read_shapes_elsewhere, "what only its shape was needed of is then dead"),
    (remove_dead, "what is gone does not count as a reader, and most rewrites want a sole reader"),
    (remove_invariants, "a constant that came in through a loop can be folded"),
    (refill, "what is put into a place is not yet a difference, which cannot be"),
    (remove_unseen_writes, "what is written later may not be read at another point"),
    (fold, "the rules of derivatives are written for the general case"),
    (read_stored, "an array that is put back for a read alone need not be put back"),
    (remove_dead_writes, "what is put back into an array counts as a reader of what was kept"),
    (read_originals, "of what is put back some is still in an argument"),
    (remove_dead, "folding leaves values behind that the forward sweep had computed for it"),
    (remove_invariants, "an arm whose code is folded may hand on what the other does"),
    (add_in_arms, "an arm that contributes nothing is then empty"),
    (remove_dead, "what only a join needed that is gone"),
    (sink_kills, "what reads a place before it is set to zero needs no copy of it"),
    (share_calls, "what is set to zero afterwards cannot be shared, and most zeros are gone now"),
    (reorder, "a value that is not read any more can be updated in place"),
    (use_vdot, "after signs and factors have left the sums"),
    (make_dense, "what is folded may be broadcast, and nothing is updated in place yet"),
    (merge_twin_stacks, "what is popped is the same variable, whatever it was read for"),
    (bind_unbound, "what asks for a variable that may not be bound may be gone by now"),
    (define_pullback, "until here the two sweeps are one program, whose statements run once"),
    (hand_on_wholes, "no rule is asked any more for what a call gets"),
    (own, "what is updated in place is no longer free to be read elsewhere"),
    (use_records, "last: what is pushed has been copied by now, where it must be"),
)
"""The passes in their order, each with the reason for its place."""


#: The passes after which statements change what others read.
_IN_PLACE = (own, use_records)


def simplify(function: Function, facts: Facts) -> Function:
    """Return `function` after those passes that leave all its values what they are.

    Nothing is updated in place yet, and what a path leaves unbound is seen to be, so that it can be
    differentiated again.
    """
    last = (bind_unbound, define_pullback, hand_on_wholes, *_IN_PLACE)
    return _after([pass_ for pass_, _ in PASSES if pass_ not in last], function, facts)


def optimise(function: Function, facts: Facts) -> Function:
    """Return `function` after all passes.

    Parameters
    ----------
    function
        With a backward sweep from `function.split` on; without one only names are resolved and
        dead code removed.
    facts
        What is known of lengths. What a pass rests on is added, for the guard.
    """
    return _after([pass_ for pass_, _ in PASSES], function, facts)


def optimise_program(
    main: Function, functions: Mapping[Callee, Function], facts: Facts
) -> tuple[Function, dict[Callee, Function]]:
    """Return a function and those that it calls after all passes.

    They hand over to each other what they change, so that each works on memory of its own.
    """
    first = [pass_ for pass_, _ in PASSES if pass_ not in _IN_PLACE]
    main, functions = hand_over(main, functions)
    main = _after(first, main, facts)
    functions = {callee: _after(first, f, facts) for callee, f in functions.items()}
    main, functions = note_own_results(*hand_over_cotangents(main, functions))
    main = _after(_IN_PLACE, main, facts)
    return main, {callee: _after(_IN_PLACE, f, facts) for callee, f in functions.items()}


def _after(passes: Iterable[Pass], function: Function, facts: Facts) -> Function:
    done: dict[Pass, Function] = {}  # what a pass left as it was, it leaves so another time
    for pass_ in passes:
        if done.get(pass_) is not function:
            done[pass_] = function = pass_(function, facts)
    return function
