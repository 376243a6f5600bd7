"""The base class of classifier and regressor: a fit, from the user's arrays to the attributes.

Before `_fit`, `_validate_params` has checked the parameters. `_fit` checks X and y, encodes the
targets, creates the net or takes the fitted one, splits off the validation set, trains the net and
sets the fitted attributes. If a step fails, the estimator is not changed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from sknn_tips._compat.sklearn import CallbackSupport
from sknn_tips.data.features import choose, features, torch_dtype
from sknn_tips.data.rows import Rows, make_rows
from sknn_tips.estimators import (
    hints,
    inputs,
    networks,
    options,
    parameter_checks,
    plans,
    results,
    tip_reports,
    validation_split,
)
from sknn_tips.estimators.fit_html import FitHTML, html_of_fits
from sknn_tips.estimators.fitted import FittedMLP
from sknn_tips.hooks.callbacks import prediction_caller
from sknn_tips.hooks.fits import followed
from sknn_tips.hooks.output_folders import separate_files
from sknn_tips.hooks.sklearn_callbacks import NO_CALLBACKS, Epochs, follow
from sknn_tips.metrics.monitor import recorded_metrics, resolve_monitor
from sknn_tips.metrics.targets import Target
from sknn_tips.nn import initializers
from sknn_tips.nn.losses import Loss
from sknn_tips.nn.memory import Memory
from sknn_tips.nn.module import MLP, Network, draw_weights
from sknn_tips.parameters import Parameters
from sknn_tips.runtime.devices import resolve_device
from sknn_tips.runtime.memory import memory_explained
from sknn_tips.runtime.threads import threads_for, torch_threads
from sknn_tips.state import copies
from sknn_tips.state.forward import forward_flop, raw_output
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.tips.findings import tips_of
from sknn_tips.training.evaluation import check_metrics
from sknn_tips.training.lbfgs import Minimum, minimise
from sknn_tips.training.loop import Outcome, train
from sknn_tips.training.recorder import is_recorded


class BaseMLP(CallbackSupport, FitHTML, FittedMLP, ABC):
    """Base class of the multi-layer perceptrons, with fit and predict."""

    _table: type[Parameters]
    _score_name: str
    _fewest_validation_rows = 1

    @classmethod
    @cache
    def _get_param_names(cls) -> list[str]:
        """Return the constructor's arguments, cached: reading the signature takes 0.2 ms."""
        names: list[str] = super()._get_param_names()
        return names

    def _fit_html(self) -> str:
        return html_of_fits([self] if "net_" in vars(self) else [])

    def _validate_params(self) -> None:
        parameter_checks.check_names(self)
        parameter_checks.check_values(self)
        parameter_checks.check_combinations(self)
        metrics = recorded_metrics(self.metrics, self.monitor, self._score_name)
        if self.monitor is not None:
            resolve_monitor(self.monitor, metrics, self._score_name)

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also single keys of parameters that are dicts.

        Parameters
        ----------
        **params : dict
            Parameters by name. ``optimizer_params__rho=0.9`` sets one key of a dict, so that a
            search can vary it.

        Returns
        -------
        self : estimator
        """
        plain, keyed = options.split_nested(params, self._get_param_names())
        options.check_known(self, plain)
        super().set_params(**plain)
        for name, changes in keyed.items():
            setattr(self, name, {**(getattr(self, name) or {}), **changes})
        return self

    # -- implemented by subclasses ---------------------------------------------------------------

    @abstractmethod
    def _check_data(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, NDArray]:
        """Check X and y and return arrays; with `reset`, set the number and names of features."""

    @abstractmethod
    def _learn_target(self, y: NDArray, *, continuing: bool, incremental: bool) -> None:
        """Learn the classes or the scale of y, or compare y with what an earlier call learned."""

    @abstractmethod
    def _make_loss(self) -> Loss: ...

    @property
    @abstractmethod
    def _target(self) -> Target:
        """The encoding of y, after `_learn_target`."""

    @property
    def _score_suits_loss(self) -> bool:
        """Whether a prediction that is good by the loss is also good by the score."""
        return True

    @abstractmethod
    def _training_weights(self, y: NDArray, weight: NDArray | None) -> NDArray | None:
        """Return the training weights: the sample weights times those of the classes."""

    @abstractmethod
    def _check_known_target(self, y: NDArray, name: str) -> None:
        """Raise an error, which calls y `name`, if y is not of the same kind as in fit."""

    @abstractmethod
    def _codes_to_stratify(self, y: NDArray) -> NDArray | None: ...

    # -- fitting ---------------------------------------------------------------------------------

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        validation: tuple[Any, Any, Any] = (None, None, None),
        *,
        incremental: bool = False,
    ) -> Self:
        continuing = hasattr(self, "net_") and (self.warm_start or incremental)
        if incremental and self.early_stopping:
            raise ValueError(
                "partial_fit does not support early_stopping=True: one epoch has nothing to stop."
                " Set early_stopping=False, and score your own validation set between the calls."
            )
        given = X, y, sample_weight
        epochs = NO_CALLBACKS if incremental else follow(self, self.max_iter, given, results.of_net)
        unchanged = self._unchanged_on_failure(continuing)
        with followed(self, continuing), unchanged, memory_explained():
            self._fit_checked(*given, validation, continuing, incremental, epochs)
        epochs.close()
        if not incremental:
            tip_reports.check(self.tips_, self.tips)
        return self

    def _or_raise(self) -> Self:
        """Return the estimator, or raise Ctrl-C again for the user's loop around `partial_fit`."""
        if self.stop_reason_ == "interrupted":
            raise KeyboardInterrupt("partial_fit stopped, and the model trained so far was kept.")
        if is_recorded(self.net_.partial_epochs):
            tip_reports.check(self.tips_, self.tips)
        return self

    def _fit_checked(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any],
        continuing: bool,
        incremental: bool,
        epochs: Epochs,
    ) -> None:
        inputs.check_validation_pair(*validation)
        X_val, y_val, weight_val = validation
        inputs.hint_order(X, "X", y=y, sample_weight=sample_weight)
        inputs.hint_order(X_val, "X_val", y_val=y_val, sample_weight_val=weight_val)
        X, y = self._check_data(X, y, reset=not continuing)
        weight = inputs.check_weights(sample_weight, X, "sample_weight")
        self._learn_target(y, continuing=continuing, incremental=incremental)
        if not incremental:
            hints.hint(self, validated=validation[0] is not None)
        elif not (continuing and self.net_.partial_epochs):  # in the first call only
            hints.hint_partial_fit(self)

        network = networks.network_of(self, X.shape[1], self._target.n_outputs)
        flop = plans.step_flop(self, network, X.shape[0])
        device = resolve_device(self.device, flop)
        dtype = self._float_dtype(X)
        net = self._make_net(network, plans.training_dtype(self, dtype), device, continuing)
        net.criterion_.check(net.flat.vector, network.n_outputs)
        parts = self._parts(net, X, y, weight, validation)
        fewest = self._fewest_validation_rows if self.early_stopping else 1
        validation_split.check(*parts, fewest, batchnorm=network.uses_batchnorm)
        plan = plans.make_plan(
            self,
            network,
            len(parts[0]),
            validated=parts[1] is not None,
            user_validation=validation[0] is not None,
            continuing=continuing,
            incremental=incremental,
        )
        check_metrics(net, plan, parts[0])
        net.failed_metrics.clear()
        with separate_files(self.callbacks), torch_threads(self.n_threads or threads_for(flop)):
            net.use_callbacks(self.callbacks)
            self._train(net, plan, parts, continuing, epochs)
        self._publish(copies.recast(net, network, torch_dtype(dtype), device))

    def _float_dtype(self, X: Any) -> np.dtype:
        if self.dtype == "auto":
            return np.dtype(np.float32 if X.dtype == np.float32 else np.float64)
        return np.dtype(self.dtype)

    @property
    def _accepted_dtypes(self) -> Any:
        """The dtypes of X that are kept; others are cast to the first one."""
        return (np.float64, np.float32) if self.dtype == "auto" else np.dtype(self.dtype)

    # -- the net ---------------------------------------------------------------------------------

    def _make_net(
        self, network: Network, dtype: np.dtype, device: torch.device, continuing: bool
    ) -> Net:
        """Return the net to train: a new one, or the fitted one to continue its training."""
        parameter_dtype = torch_dtype(dtype)
        if continuing:
            self.net_.take_weights(self.coefs_, self.intercepts_)
            if network.weight_layout != self.net_.network.weight_layout:
                afresh = "call fit" + " with warm_start=False" * bool(self.warm_start)
                raise ValueError(
                    "The fitted network has another shape than the parameters ask for:"
                    f" {self.net_.network.summary} fitted, {network.summary} asked. To go on"
                    f" training, restore the parameters; to start afresh, {afresh}."
                )
            net = copies.recast(self.net_, network, parameter_dtype, device)
            net.criterion_ = self._make_loss()
            net.seed_dropout()
            return net
        # with None the seed is from the operating system, not from numpy's global generator
        seeded = self.random_state is not None
        rng = check_random_state(self.random_state) if seeded else np.random.RandomState()
        # from a copy, so that all other draws are those of a fit by names
        seed = int(deepcopy(rng).randint(2**31)) if network.own_activations else 0
        module = MLP(network, dtype=parameter_dtype, device=device, seed=seed)
        draw_weights(
            module,
            initializers.canonical(self.init),
            self.init_params or {},
            networks.init_activations(self, network),
            rng,
        )
        module.eval()
        net = Net.hold(module, self._make_loss(), rng, device)
        net.seed_dropout()
        return net

    def _parts(
        self,
        net: Net,
        X: Any,
        y: NDArray,
        weight: NDArray | None,
        validation: tuple[Any, Any, Any],
    ) -> tuple[Rows, Rows | None]:
        """Return the training and the validation samples, on the net's device."""
        X_val, y_val, weight_val = validation
        if X_val is not None:
            X_val = inputs.with_names(self, X_val)
            with inputs.named("X_val or y_val"):
                X_val, y_val = self._check_data(X_val, y_val, reset=False)
            self._check_known_target(y_val, "y_val")
            weight_val = inputs.check_weights(weight_val, X_val, "sample_weight_val")
        elif self.early_stopping and not plans.optimizer_of(self).line_search:
            rng = validation_split.split_generator(net)
            codes = self._codes_to_stratify(y)
            train, test = validation_split.split(X, y, self.validation_fraction, rng, codes=codes)
            if weight is not None:
                weight, weight_val = weight[train], weight[test]
            X_val, X = choose(X, test), choose(X, train)
            y_val, y = y[test], y[train]
        rows = self._rows(net, X, y, weight, self._training_weights(y, weight))
        if X_val is None:
            return rows, None
        return rows, self._rows(net, X_val, y_val, weight_val, weight_val)

    def _rows(
        self,
        net: Net,
        X: Any,
        y: NDArray,
        sample_weight: NDArray | None,
        loss_weight: NDArray | None,
    ) -> Rows:
        encode, like = net.criterion_.encode, net.flat.vector
        return make_rows(X, self._target.encode(y), loss_weight, encode, like, sample_weight)

    # -- training and its results ----------------------------------------------------------------

    def _train(
        self,
        net: Net,
        plan: Plan,
        parts: tuple[Rows, Rows | None],
        continuing: bool,
        epochs: Epochs,
    ) -> None:
        """Train `net`, and set the attributes that describe the training."""
        ended: Outcome | Minimum
        if plan.optimizer.entry.line_search:
            ended = minimise(net, plan, *parts, epochs)
            found = results.of_lbfgs(ended, net)
        else:
            ended = train(net, plan, *parts, epochs)
            earlier = self if continuing else None
            found = results.of_epochs(ended, plan, earlier, len(net.history))
            results.warn_of_monitor(ended, plan)
        if ended.record is not None:
            found["_record"], found["tips_"] = ended.record, tips_of(ended.record)
            results.check_usable(ended, found["tips_"])
        for name in results.CURVES:  # remove those of an earlier fit, if this one has none
            self.__dict__.pop(name, None)
        self.__dict__.update(found)
        results.warn(self.stop_reason_, plan, self.n_iter_)
        if not (continuing and plan.horizon):  # of calls of partial_fit, only the first one warns
            tip_reports.tell(self.tips_, self.tips, results.kept(ended, plan))

    def _publish(self, net: Net) -> None:
        self.__dict__.update(results.of_net(net))

    @contextmanager
    def _unchanged_on_failure(self, continuing: bool) -> Iterator[None]:
        """Restore the estimator when a fit fails."""
        before = vars(self).copy()
        lengths = {name: len(vars(self).get(name) or []) for name in results.LISTS}
        seeded = isinstance(self.random_state, np.random.RandomState)
        drawn = self.random_state.get_state(legacy=False) if seeded else None
        saved = copies.snapshot(self.net_) if continuing else None
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            for name, length in lengths.items():
                del (before.get(name) or [])[length:]
            if seeded:
                self.random_state.set_state(drawn)
            if saved is not None:
                copies.rollback(self.net_, saved)
            raise

    # -- predicting ------------------------------------------------------------------------------

    def _predict_with(
        self, X: Any, finish: Callable[[Loss, torch.Tensor], torch.Tensor]
    ) -> NDArray:
        """Return ``finish(loss, raw output)`` for the samples X."""
        if "net_" not in vars(self):
            check_is_fitted(self)
        # float64 is not cast to float32: as in scikit-learn's MLP, predictions are float64 then
        X = inputs.check_features(self, X, (np.float64, np.float32), reset=False)
        net = self.net_
        if net.take_weights(self.coefs_, self.intercepts_):
            self.coefs_, self.intercepts_ = net.weights()
        memory = self._memory_to_predict(X)
        vector = memory.vector
        with torch_threads(self.n_threads or threads_for(forward_flop(net.network, X.shape[0]))):
            rows = features(X, vector.dtype, vector.device)
            raw = raw_output(memory, rows, prediction_caller(net, self.callbacks))
            with torch.inference_mode():
                return finish(net.criterion_, raw).cpu().numpy()

    def _memory_to_predict(self, X: Any) -> Memory:
        """Return the parameters of the network, in float64 if X is float64.

        In float64 a prediction does not visibly depend on the other samples of the call, although
        matrix products round differently for different numbers of samples.
        """
        flat = self.net_.flat
        is_double = X.dtype != np.float32 and flat.vector.device.type != "mps"  # it lacks float64
        return flat.double() if is_double else flat.memory

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _can_partial_fit(self) -> bool:
        if plans.optimizer_of(self).line_search:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers."
                f" {plans.optimizer_name(self)} is not stochastic: it needs all rows at every"
                " step. Use optimizer='adam'."
            )
        return True
