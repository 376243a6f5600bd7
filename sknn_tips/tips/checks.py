"""All checks by code, causes before effects: fix the problem of the first tip first."""

from sknn_tips.tips.data.class_imbalance import ClassImbalance
from sknn_tips.tips.data.constant_features import ConstantFeatures
from sknn_tips.tips.data.constant_target import ConstantTarget
from sknn_tips.tips.data.heavy_tailed_input import HeavyTailedInput
from sknn_tips.tips.data.many_classes import ManyClasses
from sknn_tips.tips.data.unscaled_input import UnscaledInput
from sknn_tips.tips.data.unscaled_target import UnscaledTarget
from sknn_tips.tips.data.validation_differs import ValidationDiffers
from sknn_tips.tips.data.validation_too_small import ValidationTooSmall
from sknn_tips.tips.generalization.overconfident import Overconfident
from sknn_tips.tips.generalization.overfitting import Overfitting
from sknn_tips.tips.generalization.too_many_parameters import TooManyParameters
from sknn_tips.tips.generalization.underfitting import Underfitting
from sknn_tips.tips.tip import Check
from sknn_tips.tips.training.bad_init import BadInit
from sknn_tips.tips.training.batch_too_large import BatchTooLarge
from sknn_tips.tips.training.batchnorm_small_batch import BatchnormSmallBatch
from sknn_tips.tips.training.dead_units import DeadUnits
from sknn_tips.tips.training.diverged import Diverged
from sknn_tips.tips.training.exploding_gradient import ExplodingGradient
from sknn_tips.tips.training.learning_rate_too_large import LearningRateTooLarge
from sknn_tips.tips.training.learning_rate_too_small import LearningRateTooSmall
from sknn_tips.tips.training.not_converged import NotConverged
from sknn_tips.tips.training.saturated_units import SaturatedUnits
from sknn_tips.tips.training.schedule_cut_off import ScheduleCutOff
from sknn_tips.tips.training.stopped_too_early import StoppedTooEarly
from sknn_tips.tips.training.vanishing_gradient import VanishingGradient

_IN_ORDER: tuple[type[Check], ...] = (
    ManyClasses,
    ConstantTarget,
    UnscaledInput,
    HeavyTailedInput,
    UnscaledTarget,
    ValidationDiffers,
    Diverged,
    BadInit,
    VanishingGradient,
    LearningRateTooLarge,
    LearningRateTooSmall,
    ExplodingGradient,
    BatchnormSmallBatch,
    StoppedTooEarly,
    Underfitting,
    DeadUnits,
    SaturatedUnits,
    Overfitting,
    Overconfident,
    NotConverged,
    ScheduleCutOff,
    ClassImbalance,
    ConstantFeatures,
    BatchTooLarge,
    TooManyParameters,
    ValidationTooSmall,
)

CHECKS: dict[str, Check] = {check.code: check() for check in _IN_ORDER}
