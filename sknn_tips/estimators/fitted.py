"""The attributes of a fitted estimator that come from its net, and its copies and pickles."""

from typing import TYPE_CHECKING, Any

import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from sknn_tips._compat.sklearn import REQUESTS
from sknn_tips.data.features import DenseFeatures
from sknn_tips.estimators.requests import request_again, requests_of
from sknn_tips.exceptions import restoring
from sknn_tips.hooks.callbacks import prediction_caller, to_pickle
from sknn_tips.metrics.targets import Target
from sknn_tips.nn.losses import OwnLoss
from sknn_tips.nn.module import MLP
from sknn_tips.parameters import Parameters, table
from sknn_tips.runtime.threads import torch_threads
from sknn_tips.state import copies
from sknn_tips.state.forward import raw_output
from sknn_tips.state.history import history_frame
from sknn_tips.state.net import Net
from sknn_tips.tips.tip import Tip


class FittedMLP(BaseEstimator):
    """Attributes and pickling of a multi-layer perceptron that holds its net as ``net_``."""

    _table: type[Parameters]
    net_: Net
    coefs_: list[NDArray]
    intercepts_: list[NDArray]
    loss_: float
    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    best_epoch_: int
    n_iter_: int
    t_: int
    n_layers_: int
    n_outputs_: int
    n_features_in_: int
    feature_names_in_: NDArray
    out_activation_: str
    device_: str
    stop_reason_: str
    tips_: list[Tip]

    if TYPE_CHECKING:  # scikit-learn's mixins have no types

        @property
        def _target(self) -> Target: ...

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float: ...

    @property
    def module_(self) -> MLP:
        """The torch module."""
        return self._fitted("module_").module_

    @property
    def history_(self) -> pd.DataFrame:
        """One row per epoch: loss, val_loss, metrics and their ``val_`` columns, lr, seconds."""
        return history_frame(self._fitted("history_").history)

    def _fitted(self, name: str) -> Net:
        """Return the net, or raise an AttributeError for the attribute `name`."""
        if "net_" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no {name} before fit.")
        return self.net_

    def __sklearn_is_fitted__(self) -> bool:
        return "net_" in vars(self)

    # -- copies, pickles and files of skops: plain values and numpy arrays, see `state.plain` ------

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_record", None)  # `tips_` has the results of its examination
        if REQUESTS in state:
            state[REQUESTS] = requests_of(self)
        if "net_" in state:
            self.net_.take_weights(self.coefs_, self.intercepts_)
            state["net_"] = copies.to_arrays(self.net_)
            state["callbacks"] = to_pickle(state["callbacks"])
            state["tips_"] = [dict(vars(tip)) for tip in self.tips_]
            del state["coefs_"], state["intercepts_"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        with restoring(type(self).__name__):
            self._restore(state)

    def _restore(self, state: dict[str, Any]) -> None:
        """Set the attributes that `__getstate__` returned, or raise an error of some type."""
        # a parameter that the former version did not have has its default
        state = {name: row.default for name, row in table(self._table).items()} | dict(state)
        for name, value in state.items():
            if callable(getattr(type(self), name, None)) and not callable(value):
                raise ValueError(f"its attribute {name!r} would hide a method")
        requests, saved = state.pop(REQUESTS, {}), state.pop("net_", None)
        if saved is not None:
            state["tips_"] = [Tip(**tip) for tip in state["tips_"]]
        super().__setstate__(state)
        request_again(self, requests)
        if saved is None:
            return
        self.net_ = net = copies.from_arrays(saved)
        self.device_ = str(net.device)
        self.coefs_, self.intercepts_ = net.weights()
        self._target.check()
        sparse_y = state.get("_sparse_y", False)  # only an indicator may be sparse
        if not isinstance(sparse_y, bool) or sparse_y > state.get("_multilabel", False):
            raise ValueError(f"_sparse_y is {sparse_y!r}, which does not fit its labels")
        outputs, network = self._target.n_outputs, net.network
        if (self.n_features_in_, outputs) != (network.n_features, network.n_outputs):
            raise ValueError(
                f"{self.n_features_in_} features and {outputs} outputs do not agree with the"
                f" network {network.summary}"
            )
        if not network.own_activations and not isinstance(net.criterion_, OwnLoss):
            self._try_prediction()

    def _try_prediction(self) -> None:
        """Predict a sample of zeros; raise an error of some type if that is impossible.

        It finds what the checks of single values do not know of. Functions of the user are not
        called, only stored names of this package.
        """
        net = self.net_
        memory = net.flat.memory
        row = memory.vector.new_zeros((1, net.network.n_features))
        prediction_caller(net, self.callbacks)
        with torch_threads(self.n_threads or 1):
            raw = raw_output(memory, DenseFeatures(row))
            self._target.check_predictions(net.criterion_, raw)
