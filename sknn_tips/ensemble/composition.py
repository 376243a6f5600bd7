"""Parameters, tags, metadata routing and HTML of a meta-estimator with one or more estimators."""

from inspect import Parameter, signature
from typing import Any, Self

from sklearn import get_config
from sklearn.base import MetaEstimatorMixin
from sklearn.ensemble import VotingClassifier
from sklearn.utils import get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from sknn_tips._compat.sklearn import BaseComposition, html_block
from sknn_tips.ensemble.members import last_step
from sknn_tips.ensemble.nested_names import raise_invalid_name
from sknn_tips.exceptions import DataError

VALIDATION = ("X_val", "y_val", "sample_weight_val")
Named = list[tuple[str, Any]]


class EstimatorComposition(MetaEstimatorMixin, BaseComposition):
    """A meta-estimator with the parameters `estimators` and `cv`."""

    # the constructors are in the public subclasses
    estimators: Any
    cv: Any

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of this estimator and, if `deep`, of the contained estimators.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
            If `estimators` is a list, it includes each estimator by name, and their parameters as
            ``name__param``. Parameters of a single estimator are ``estimators__param``.
        """
        if isinstance(self.estimators, list):
            params: dict[str, Any] = self._get_params("estimators", deep=deep)
        else:
            params = super().get_params(deep=deep)
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of this estimator and of the contained estimators.

        Parameters
        ----------
        **params : dict
            Parameters by name, as in `get_params`. A named estimator can be replaced by another, or
            dropped with "drop".

        Returns
        -------
        self : estimator

        Raises
        ------
        ValueError
            If there is no such parameter; the error suggests the one of a contained estimator.
        """
        try:
            self._set_params("estimators", **params)
        except ValueError as error:
            raise_invalid_name(self, params, error)
        return self

    def _named(self) -> Named:
        """Return the estimators that are not dropped, with names.

        The name of a single estimator is that of its class in lower case.
        """
        if not isinstance(self.estimators, list):
            return [(type(self.estimators).__name__.lower(), self.estimators)]
        for pair in self.estimators:
            if not _is_named_estimator(pair):
                raise ValueError(
                    f"estimators has {pair!r}, which is no (name, estimator). Give a list of such"
                    " pairs, with 'drop' for an estimator to be left out, or a single estimator."
                )
        self._validate_names([name for name, _ in self.estimators])
        named = [pair for pair in self.estimators if hasattr(pair[1], "fit")]
        if not named:
            raise ValueError(
                f"estimators={self.estimators!r} has none that could be fitted. Give one or more."
            )
        return named

    def _route(self, named: Named, weight: Any, groups: Any, params: dict[str, Any]) -> Any:
        """Return the arguments of `split` of the splitter, and of `fit` of each estimator."""
        validation = [name for name in params if name in VALIDATION]
        if validation:
            raise DataError(
                f"fit got {' and '.join(validation)}, and an ensemble takes no validation set: that"
                " of each member is the fold that it is not trained on. Call fit(X, y)."
            )
        given = {"sample_weight": weight, "groups": groups, **params}
        given = {name: value for name, value in given.items() if value is not None}
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, "fit", **given)
        if params:
            raise ValueError(
                f"fit got {', '.join(params)}. Without metadata routing it only takes sample_weight"
                " and groups; enable it by sklearn.set_config(enable_metadata_routing=True)."
            )
        if weight is not None:
            _check_take_weights(named)
        of_fit = {"sample_weight": weight} if weight is not None else {}
        of_split = {"groups": groups} if groups is not None else {}
        return {"cv": {"split": of_split}, **{name: {"fit": of_fit} for name, _ in named}}

    def get_metadata_routing(self) -> MetadataRouter:
        """Get the metadata routing of this estimator.

        Returns
        -------
        routing : MetadataRouter
            Routes metadata to `fit` of the estimators, and to `split` of `cv`.
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        fits = MethodMapping().add(caller="fit", callee="fit")
        splits = MethodMapping().add(caller="fit", callee="split")
        router.add(method_mapping=fits, **dict(self._named()))
        return router.add(method_mapping=splits, cv=self.cv)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        try:
            inner = [get_tags(estimator) for _, estimator in self._named()]
        except (AttributeError, TypeError, ValueError):  # invalid estimators; fit raises the error
            return tags
        tags.input_tags.sparse = all(each.input_tags.sparse for each in inner)
        tags.input_tags.allow_nan = all(each.input_tags.allow_nan for each in inner)
        tags.target_tags.multi_output = all(each.target_tags.multi_output for each in inner)
        return tags

    def _sk_visual_block_(self) -> Any:
        return html_block(VotingClassifier(self._named()))


def _is_named_estimator(pair: Any) -> bool:
    if not (isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)):
        return False
    return hasattr(pair[1], "fit") or pair[1] == "drop"


def _check_take_weights(named: Named) -> None:
    """Raise an error if `fit` of an estimator does not accept sample weights."""
    for name, estimator in named:
        last = last_step(estimator)
        arguments = signature(last.fit).parameters
        passes_on = any(each.kind is Parameter.VAR_KEYWORD for each in arguments.values())
        if "sample_weight" not in arguments and not passes_on:
            raise DataError(
                f"sample_weight was given, and the fit of estimator {name!r}"
                f" ({type(last).__name__}) does not take it. Leave sample_weight out, or use"
                " estimators that take it."
            )
