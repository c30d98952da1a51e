"""The figures of the bulletin, each a branch of the union in ``marts.bulletin_figures``."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product

from sqlglot import exp

from assets.warehouse.lineage.columns import Lineage, Trace
from assets.warehouse.lineage.steps import Step

FIGURES = "marts.bulletin_figures"
_NAME, _VALUE, _CLASS = "figure", "value", "class"


@dataclass(frozen=True)
class FigureOrigin:
    """One figure: the columns its value comes from, and the step of the query that computes it."""

    name: str
    trace: Trace
    step: Step


def figures_of(lineage: Lineage, classes: Collection[str]) -> list[FigureOrigin]:
    """All figures in order; ``classes`` are the site's classes of task types, since some figures exist once per class."""
    found = []
    for alias, union in lineage.step(FIGURES).sources.items():
        if isinstance(union, Step) and union.branches and _NAME in union.outputs:
            position = union.outputs.index(_NAME)
            for index, branch in enumerate(union.branches):
                trace = lineage.of_branch(FIGURES, _VALUE, alias, index)
                named = list(branch.projections.values())[position].node
                found += [FigureOrigin(name, trace, branch) for name in _texts(named, classes)]
    return found


def _texts(node: exp.Expr, classes: Collection[str]) -> list[str]:
    """The texts that an expression of literals, ``||`` and the class can be."""
    if isinstance(node, (exp.Alias, exp.Paren)):
        return _texts(node.this, classes)
    if isinstance(node, exp.DPipe):
        return ["".join(parts) for parts in product(_texts(node.left, classes), _texts(node.right, classes))]
    if isinstance(node, exp.Column) and node.name == _CLASS:
        return list(classes)
    return [node.name if isinstance(node, exp.Literal) else node.sql("duckdb")]
