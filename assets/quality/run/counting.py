"""Great Expectations' metrics of one table at a time, without its contexts, data sources and stores.

Its ``Batch.validate`` writes its whole configuration for each table, works out twice what an expectation needs, and asks for
the failing values whose number is wanted: half of what the checks of a small day cost. Here the counts of a suite, those of
its SQL rules too, come in one query where the library can put them together.

Imported by ``engine.py`` alone, after the library has come through ``library.py``.
"""

import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.expectations.core import UnexpectedRowsExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validation_graph import ValidationGraph
from great_expectations.validator.validator import ValidationDependencies
from sqlalchemy import literal_column

from assets.quality.run.batches import Batch
from assets.quality.run.outcomes import Outcome

_ROWS = "table.row_count"
_FOUND = "rows_found"
# what is needed for an answer of yes or no are the counts; the answer is then asked with them, never with a value
_NEEDED = {"result_format": {"result_format": "BOOLEAN_ONLY"}}
_ANSWERED = {"result_format": {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}}


class RowsFound(TableMetricProvider):  # type: ignore[misc]  # the library is imported untyped
    """How many rows a query finds, as an expression that the library selects together with its other counts of the table."""

    metric_name = _FOUND
    value_keys = ("query",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, execution_engine: Any, metric_domain_kwargs: Any, metric_value_kwargs: Any, **_: Any) -> Any:  # noqa: N805
        table = execution_engine.batch_manager.batch_data_cache[metric_domain_kwargs["batch_id"]].selectable
        query = metric_value_kwargs["query"].format(batch=f"{table.schema}.{table.name}")
        # by itself the count would come once for each row of the table; an aggregate makes it one, of an empty table too
        return literal_column(f"(select count(*) from ({query}\n) as found) + 0 * count(*)"), metric_domain_kwargs, {}


class CountedRowsExpectation(UnexpectedRowsExpectation):  # type: ignore[misc]
    """The library's own rule in SQL, which runs its query a second time to fetch the rows; here they are counted alone."""

    def get_validation_dependencies(self, execution_engine: Any = None, runtime_configuration: Any = None) -> Any:
        """The one count, which is no matter of format."""
        del execution_engine, runtime_configuration
        needed = ValidationDependencies()
        needed.set_metric_configuration(_FOUND, _metric(_FOUND, self.batch_id, {"query": self.unexpected_rows_query}))
        return needed

    def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> dict[str, Any]:
        del runtime_configuration, execution_engine
        return {"success": metrics[_FOUND] == 0, "result": {"observed_value": metrics[_FOUND]}}


class Counting:
    """One connection's tables, each asked with the expectations about it."""

    def __init__(self, address: str) -> None:
        self._engine = SqlAlchemyExecutionEngine(connection_string=address)

    def outcomes(self, name: str, batch: Batch, expectations: Sequence[Any]) -> list[Outcome]:
        """What each of ``expectations`` finds in ``batch``; ``name`` is given to no other batch."""
        data = SqlAlchemyBatchData(execution_engine=self._engine, schema_name=batch.schema, table_name=batch.table)
        self._engine.load_batch_data(name, data)
        graph = _Graph(self._engine)
        for expectation in expectations:
            expectation.batch_id = name
        needed = [self._needed(graph, expectation) for expectation in expectations]
        # counted already, and not through a view whose columns are joins
        found = {_metric(_ROWS, name, {}).id: batch.rows}
        aborted = graph.resolve_beyond(found)
        return [
            asked if isinstance(asked, Outcome) else self._answer(expectation, asked, graph, found, aborted)
            for expectation, asked in zip(expectations, needed, strict=True)
        ]

    def _needed(self, graph: "_Graph", expectation: Any) -> Mapping[str, Any] | Outcome:
        try:
            metrics: Mapping[str, Any] = expectation.get_validation_dependencies(self._engine, _NEEDED).metric_configurations
            for metric in metrics.values():
                graph.build_metric_dependency_graph(metric, _NEEDED)
        except Exception:
            return Outcome(raised=traceback.format_exc())
        return metrics

    def _answer(self, expectation: Any, needed: Mapping[str, Any], graph: "_Graph", found: Any, aborted: Any) -> Outcome:
        if any(metric.id not in found for metric in needed.values()):
            reasons = [aborted[name] for metric in needed.values() for name in graph.below(metric.id) if name in aborted]
            return Outcome(raised=str(reasons[0]["exception_info"]["exception_traceback"]) if reasons else "")
        try:
            metrics = {name: found[metric.id] for name, metric in needed.items()}
            answer = expectation._validate(metrics, dict(_ANSWERED), self._engine)
        except Exception:
            return Outcome(raised=traceback.format_exc())
        return Outcome(success=bool(answer["success"]), result=answer.get("result") or {})


class _Graph(ValidationGraph):  # type: ignore[misc]
    """The library's own walks down to what a metric depends on once for each way there, of which there are dozens."""

    def __init__(self, engine: Any) -> None:
        super().__init__(engine)
        self._known: set[Any] = set()

    def build_metric_dependency_graph(self, metric_configuration: Any, runtime_configuration: Any = None) -> None:
        if metric_configuration.id not in self._known:
            self._known.add(metric_configuration.id)
            super().build_metric_dependency_graph(metric_configuration, runtime_configuration)

    def resolve_beyond(self, found: dict[Any, Any]) -> Mapping[Any, Any]:
        """Add to ``found``, which holds what is known, all other metrics; gives what could not be had, and why."""
        aborted: Mapping[Any, Any] = self._resolve(found, _NEEDED, show_progress_bars=False)
        return aborted

    def below(self, metric_id: Any) -> Iterator[Any]:
        """A metric and all that it depends on."""
        yield metric_id
        for upper, lower in self.edge_ids:
            if upper == metric_id and lower is not None:
                yield from self.below(lower)


def _metric(name: str, batch: str, values: dict[str, Any]) -> Any:
    # the library's own domain of a table, so that it counts these with the others in one query
    domain = {"batch_id": batch, "table": None, "row_condition": None, "condition_parser": None}
    return MetricConfiguration(metric_name=name, metric_domain_kwargs=domain, metric_value_kwargs=values)
