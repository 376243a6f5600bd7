"""Apply a learning rate schedule: set the rate of the optimizer by the training progress."""

import math

from sknn_tips.optim.schedules import SMALLEST_ADAPTIVE_RATE, Position, schedule_of
from sknn_tips.state.net import Net
from sknn_tips.state.plan import Plan
from sknn_tips.training.stopping import Plateau


class Scheduler:
    """Set the learning rate of one training.

    Parameters
    ----------
    net : Net
    plan : Plan
    steps_an_epoch : int

    Attributes
    ----------
    per_step : bool
        Whether the rate changes at every update.
    reductions : int
        How often the rate was lowered instead of stopping training. A schedule with a patience of
        its own counts this in `plateau`.
    """

    def __init__(self, net: Net, plan: Plan, *, steps_an_epoch: int) -> None:
        self.net, self.plan, self.steps_an_epoch = net, plan, steps_an_epoch
        self.schedule = schedule_of(plan.schedule)
        self.acts = plan.optimizer.entry.is_sgd_family or not self.schedule.sgd_only
        self.per_step = self.schedule.per_step
        self.reductions = 0
        self.plateau = _plateau(plan)
        self.just_lowered = False
        self.epochs = 0
        self.epochs_before = len(net.history)
        self.scheduled_rate = math.nan

    def end_epoch(self, watched: float) -> None:
        """Process the monitored value of a finished epoch."""
        self.epochs += 1
        if self.plateau is not None:
            self.just_lowered = self.plateau.update(watched)

    def lower(self) -> bool:
        """Lower the rate instead of stopping training; return False if it cannot be lowered."""
        lowest = max(SMALLEST_ADAPTIVE_RATE, self.plan.schedule_params.get("min_rate", 0.0))
        lowers = self.acts and self.schedule.reduces_before_stopping
        if not lowers or self.net.rate <= lowest:
            return False
        if self.plateau is None:
            self.reductions += 1
        elif not self.just_lowered:
            self.plateau.reduce()
        return True

    def set_rate(self, steps: int = 0) -> None:
        """Set the rate of the schedule; while that is constant, keep a rate that a callback set.

        Parameters
        ----------
        steps : int, default=0
            Number of updates done in the current epoch.
        """
        rate = self.rate(steps)
        if rate != self.scheduled_rate:
            self.net.set_rate(rate, keep_velocity=self.schedule.sgd_only)
            self.scheduled_rate = rate

    def rate(self, steps: int = 0) -> float:
        """Return the learning rate of the schedule."""
        plan = self.plan
        if not self.acts:
            return plan.rate
        return self.schedule.function(plan.rate, self._position(steps), **plan.schedule_params)

    def _position(self, steps: int) -> Position:
        plan, net = self.plan, self.net
        max_epochs = plan.horizon or plan.max_epochs
        if self.schedule.has_end:
            # over calls of partial_fit, the schedule starts again after its last epoch
            before = net.partial_epochs if plan.horizon else 0
            epoch = (before + self.epochs) % max_epochs if plan.horizon else self.epochs
            step = epoch * self.steps_an_epoch + steps
        else:
            epoch, step = self.epochs_before + self.epochs, net.steps_seen + steps
        return Position(
            epoch=epoch,
            step=step,
            max_epochs=max_epochs,
            max_steps=max_epochs * self.steps_an_epoch,
            samples_seen=net.samples_seen,
            reductions=self.reductions if self.plateau is None else self.plateau.reductions,
            power=plan.params.power_t,
        )


def _plateau(plan: Plan) -> Plateau | None:
    schedule = schedule_of(plan.schedule)
    if not schedule.has_patience:
        return None
    options = {name: schedule.options[name] for name in ("patience", "threshold")}
    options |= {name: value for name, value in plan.schedule_params.items() if name in options}
    return Plateau(**options, larger_is_better=plan.monitor.larger_is_better)
