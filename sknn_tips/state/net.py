"""The skorch net that holds a trained network."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sknn_tips._compat.skorch import Callback, Dataset, NeuralNet
from sknn_tips.data.features import DenseFeatures, features
from sknn_tips.nn.flat import FlatParameters
from sknn_tips.nn.losses import Loss
from sknn_tips.nn.memory import by_rate
from sknn_tips.nn.module import MLP, Network
from sknn_tips.ops.bits import Bits, bits_state, draws_on, make_bits, set_bits_state
from sknn_tips.optim.optimizers import OptimizerChoice
from sknn_tips.optim.rules import Rule
from sknn_tips.runtime.files import replacing
from sknn_tips.runtime.interrupts import raised_in_code
from sknn_tips.state import torch_moments
from sknn_tips.state.arrays import WeightArrays
from sknn_tips.state.forward import raw_output
from sknn_tips.state.state import DEFAULTS, Moments

# Hooks that are called for every batch. A callback with one of them needs the slower tier T2.
BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_grad_computed")


class Net(NeuralNet):
    """Module, loss, optimizer, history and random states of one fit.

    The estimator holds it as ``net_``. History and callbacks are those of skorch. The loop in
    `training.loop` trains it, without skorch's data iterators and optimizer set-up.

    Attributes
    ----------
    tensors, moments, generator_state, samples_seen, ... :
        See `TrainingState`.
    flat : FlatParameters
        The module's parameters in one buffer.
    random_state : numpy.random.RandomState
        Draws weights, permutations and the seed of the dropout generator. ``warm_start`` and
        ``partial_fit`` continue with it.
    generator : numpy.random.BitGenerator, torch.Generator or None
        Draws dropout masks.
    arrays : WeightArrays
        The module's weights as ``coefs_`` and ``intercepts_``.
    columns : dict of str to (bool or None)
        The columns that training records for every epoch, and whether larger is better (None if
        unknown).
    failed_metrics : set of str
        Metrics that could not be computed in this training; a warning was issued for each.
    stop_training : bool
        A callback may set it to end training: after the batch, or at the end of the epoch.
    tier_reason_ : str
        Why the tier ``tier_`` was chosen.
    rule : Rule or None
        The engine's optimizer. Reading ``optimizer_`` replaces it with a torch optimizer.
    pending_moments : dict or None
        Optimizer state that the next training loads: of an unpickled net, or after a rollback.
    """

    _optimizers: list[str]
    optimizer_: torch.optim.Optimizer
    flat: FlatParameters
    arrays: WeightArrays
    generator: Bits | None
    columns: dict[str, bool | None]
    failed_metrics: set[str]
    optimizer_choice: OptimizerChoice | None
    averaging: dict[str, torch.Tensor] | None
    pending_moments: Moments | None
    rule: Rule | None

    @classmethod
    def hold(
        cls,
        module: MLP,
        loss: Loss,
        random_state: np.random.RandomState,
        device: torch.device,
    ) -> "Net":
        """Return a new net that holds a network, its loss and its random state."""
        # with device=None skorch does not move the module
        net = cls(module, loss, callbacks=None, device=None, verbose=0, train_split=None)
        net.initialize()
        net.__dict__.update(
            device=str(device),
            flat=FlatParameters(module),
            random_state=random_state,
            generator=None,
            arrays=WeightArrays(net.module_),
            columns={},
            failed_metrics=set(),
            stop_training=False,
            pending_moments=None,
            rule=None,
            tier_reason_="nothing was trained yet",
            **DEFAULTS,
        )
        return net

    # -- the state, see `TrainingState` ------------------------------------------------------------

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The parameters in one vector, then the running statistics of batch norm.

        Setting them copies the values in place.
        """
        return [self.flat.memory.vector, *self.flat.buffers]

    @tensors.setter
    def tensors(self, values: list[torch.Tensor]) -> None:
        self.flat.restore(values)

    @property
    def moments(self) -> Moments | None:
        """The optimizer's state, or the state that the next optimizer will load."""
        if self.pending_moments is not None or self.optimizer_choice is None:
            return self.pending_moments
        if self.rule is None and self.optimizer_choice.entry.own:  # its content is not known here
            return {"rate": self.rate, "state": self.optimizer_.state_dict()}
        return {"rate": self.rate, "state": torch_moments.joined(self._states())}

    @moments.setter
    def moments(self, value: Moments | None) -> None:
        self.pending_moments = value

    @property
    def generator_state(self) -> NDArray[np.uint8] | None:
        """State of the generator of dropout masks; None for a net without dropout."""
        return bits_state(self.generator)

    @generator_state.setter
    def generator_state(self, value: NDArray[np.uint8] | None) -> None:
        if value is None:
            return
        bits = make_bits(0, self.flat.vector.device) if self.generator is None else self.generator
        set_bits_state(bits, value)
        self.seed_dropout(bits)

    def seed_dropout(self, generator: Bits | None = None) -> None:
        """Make dropout draw from a generator on the net's device; use `generator` if it is one."""
        device = self.flat.vector.device
        if draws_on(generator, device):
            self.generator = generator
        elif self.network.uses_dropout and not draws_on(self.generator, device):
            self.generator = make_bits(int(self.random_state.randint(2**31)), device)
        self.module_.set_generator(self.generator)

    # skorch calls these three methods to set up callbacks, loss and optimizer. The loss exists
    # already. The optimizer is built only when a loop needs one.
    def get_default_callbacks(self) -> list[tuple[str, Callback]]:
        return []

    def initialize_criterion(self) -> "Net":
        self.criterion_ = self.criterion
        return self

    def initialize_optimizer(self, triggered_directly: bool | None = None) -> "Net":
        return self

    def _get_module(self, name: str, msg: str) -> Any:
        """Return the module that skorch's checkpoints save and load.

        Our loss has no state, so an empty module takes its place.
        """
        return torch.nn.Module() if name == "criterion_" else super()._get_module(name, msg)

    def save_params(
        self,
        f_params: Any = None,
        f_optimizer: Any = None,
        f_criterion: Any = None,
        f_history: Any = None,
        use_safetensors: bool = False,
        **others: Any,
    ) -> None:
        """Save as skorch does, but replace a file as a whole: another process may read it."""
        files = {"f_params": f_params, "f_optimizer": f_optimizer, "f_criterion": f_criterion}
        for name, file in {**files, "f_history": f_history, **others}.items():
            is_path = isinstance(file, str | os.PathLike)
            with replacing(file) if is_path else nullcontext(file) as target:
                super().save_params(**{name: target}, use_safetensors=use_safetensors)

    def use_callbacks(self, callbacks: Any) -> None:
        """Set the callbacks of the next training, without copies: users read them afterwards."""
        self.callbacks = list(callbacks) or None
        self._initialize_callbacks()

    @property
    def batch_hooks(self) -> list[str]:
        """Names of the callbacks that are called for every batch."""
        return [name for name, callback in self.callbacks_ if _hooks_batches(callback)]

    # -- the optimizer: the engine's rule, or a torch optimizer ------------------------------------

    def use_rule(self, choice: OptimizerChoice, rate: float) -> Rule:
        """Return the engine's optimizer; it keeps its state unless its name or options changed."""
        moments = self._moments_for(choice, rate)
        self._forget_optimizer()
        self.rule = choice.rule(self.flat.memory, moments["state"])
        self.lr = moments["rate"]
        return self.rule

    def use_optimizer(self, choice: OptimizerChoice, rate: float) -> torch.optim.Optimizer:
        """Return a torch optimizer; it keeps its state unless its name or options changed."""
        going_on = choice == self.optimizer_choice and self.pending_moments is None
        if self.rule is None and going_on:
            return self.optimizer_
        moments = self._moments_for(choice, rate)
        self.rule = None
        with self._current_init_context("optimizer"):
            vectors = [[parameter] for parameter, _ in self.flat.groups]
            parts = by_rate(self.module_) if choice.entry.own else vectors
            factors = [group.factor for _, group in self.flat.groups]
            self.optimizer_ = choice.build(list(zip(parts, factors, strict=True)), rate)
        self._load_moments(moments)
        return self.optimizer_

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; skorch only has to know about modules and optimizers."""
        if isinstance(value, torch.nn.Module | torch.optim.Optimizer):
            super().__setattr__(name, value)
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """Create a torch optimizer when ``optimizer_`` is read; it is used from then on."""
        known = vars(self)
        if name != "optimizer_" or known.get("rule") is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.use_optimizer(known["optimizer_choice"], self.rate)

    def _moments_for(self, choice: OptimizerChoice, rate: float) -> Moments:
        """Return the optimizer state to continue from; a new one after a change of optimizer."""
        moments = self.moments if choice == self.optimizer_choice else None
        self.optimizer_choice, self.pending_moments = choice, None
        return {"rate": rate, "state": {}} if moments is None else moments

    def _forget_optimizer(self) -> None:
        if self._optimizers:
            self._optimizers = []
            del self.optimizer_

    def forget_moments(self) -> None:
        """Make the next training start with a new optimizer state."""
        self.pending_moments = {"rate": self.rate, "state": {}}

    def _load_moments(self, saved: Moments) -> None:
        assert self.optimizer_choice is not None
        if not self.optimizer_choice.entry.own:
            torch_moments.load(self.optimizer_, self.flat, saved["state"])
        elif saved["state"]:
            self.optimizer_.load_state_dict(saved["state"])
        # the velocity was computed with the learning rate of the last step
        torch_moments.set_rate(self.optimizer_, self.flat, saved["rate"])

    def _states(self) -> list[dict[str, torch.Tensor]]:
        """Return the optimizer state of the whole vector, or of each of its parts."""
        if self.rule is not None:
            return [self.rule.state]
        return torch_moments.states(self.optimizer_) if self._optimizers else []

    @property
    def rate(self) -> float:
        """The learning rate of the next step; a callback may have set it."""
        if self.rule is not None:
            return float(self.lr)
        return float(self.optimizer_.param_groups[0]["lr"])

    def set_rate(self, rate: float, *, keep_velocity: bool) -> None:
        """Set the learning rate.

        With `keep_velocity`, the momentum buffer is rescaled so that the velocity (rate times
        buffer) does not change: scikit-learn's `invscaling` and `adaptive` work on velocities.
        """
        old = self.rate
        self.lr = rate
        if self.rule is None:
            torch_moments.set_rate(self.optimizer_, self.flat, rate)
        if keep_velocity and old != rate:
            for state in self._states():
                if "momentum_buffer" in state:
                    state["momentum_buffer"].mul_(old / rate)

    def tell(self, hook: str, **kwargs: Any) -> None:
        """Call a hook of every callback (like skorch's `notify`, but not the net's own hook).

        skorch's callbacks raise KeyboardInterrupt to end training, others return True.
        """
        for _, callback in self.callbacks_:
            try:
                if _is_true(getattr(callback, hook)(self, **kwargs)):
                    self.stop_training = True
            except KeyboardInterrupt as error:
                if not raised_in_code(error):
                    raise
                self.stop_training = True

    # Scoring callbacks predict with the net. skorch's own iterator would change the global random
    # state of torch.
    def forward_iter(
        self, X: Any, training: bool = False, device: str = "cpu"
    ) -> Iterator[torch.Tensor]:
        rows = X.X if isinstance(X, Dataset) else X
        vector = self.flat.vector
        if not isinstance(rows, torch.Tensor):
            yield raw_output(self.flat.memory, features(rows, vector.dtype, vector.device)).to(
                device
            )
            return
        rows = DenseFeatures(rows.to(vector.device, vector.dtype))
        yield raw_output(self.flat.memory, rows).to(device)

    def predict_proba(self, X: Any) -> NDArray:
        raw = torch.cat(list(self.forward_iter(X)))
        return self.criterion_.link(raw).cpu().numpy()

    def predict(self, X: Any) -> NDArray:
        raw = torch.cat(list(self.forward_iter(X)))
        return self.criterion_.decide(raw).cpu().numpy()

    # -- used by the estimator -------------------------------------------------------------------

    def weights(self) -> tuple[list[NDArray], list[NDArray]]:
        """Return ``coefs_`` and ``intercepts_``; on the CPU they share the module's memory."""
        return self.arrays.get()

    @torch.no_grad()
    def take_weights(self, coefs: list[NDArray], intercepts: list[NDArray]) -> bool:
        """Copy assigned arrays into the module; return False if all are the module's own memory.

        Raises
        ------
        ValueError
            If the shape of an assigned array is not that of the layer.
        """
        pairs = self.arrays.assigned(coefs, intercepts)
        if not pairs:
            return False
        # Use new memory, so that arrays returned earlier keep their values; keep the optimizer
        # state.
        self.pending_moments = self.moments
        self.flat = FlatParameters(self.module_)
        self.arrays, self.averaging = WeightArrays(self.module_), None
        for array, parameter in pairs:
            parameter.copy_(torch.from_numpy(np.array(array)))
        return True

    @property
    def network(self) -> Network:
        return self.module_.network


def dataset(X: Any, y: Any) -> Dataset:
    """Return a skorch dataset, as skorch's callbacks expect it."""
    return Dataset(X, y)


def _hooks_batches(callback: Callback) -> bool:
    """Return whether the callback, by its class or as an object, overrides a batch hook."""
    hooks = [(getattr(callback, hook), getattr(Callback, hook)) for hook in BATCH_HOOKS]
    return any(getattr(own, "__func__", own) is not empty for own, empty in hooks)


def _is_true(answer: Any) -> bool:
    """Return whether a hook returned True itself, not another value that counts as true."""
    return isinstance(answer, bool | np.bool_) and bool(answer)
