"""Trees become Python closures. No eval, no generated source, no attribute of any object is ever read."""

from __future__ import annotations

from casework.engine.feel import calls, forms, loops, membership, paths, tree, types
from casework.engine.feel.scope import Code, Makers

_MAKERS: Makers = {
    **forms.MAKERS,
    **paths.MAKERS,
    **loops.MAKERS,
    **membership.MAKERS,
    **types.MAKERS,
    **calls.MAKERS,
}


def closure(node: tree.Node) -> Code:
    """The function that evaluates a form."""
    return _MAKERS[type(node)](node, closure)
