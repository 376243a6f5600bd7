import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor
from sknn_tips.ensemble import FoldEnsembleClassifier
from sknn_tips.exceptions import HintWarning
from sknn_tips.plotting import TrainingHistoryDisplay
from sknn_tips.plotting.history import picture_of

SHORT = {"hidden_layer_sizes": (4,), "max_iter": 3, "tol": None, "random_state": 0}


def legend_texts(display):
    return [text.get_text() for text in display.figure_.legends[0].get_texts()]


def test_training_and_validation_side_by_side(validated):
    display = TrainingHistoryDisplay.from_estimator(validated)
    assert [ax.get_ylabel() for ax in display.axes_] == ["loss", "accuracy"]
    columns = ["loss", "val_loss", "accuracy", "val_accuracy"]
    assert [line.get_label() for line in display.lines_] == [f"MLPClassifier: {c}" for c in columns]
    for line, column in zip(display.lines_, columns, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 7))
        np.testing.assert_array_equal(line.get_ydata(), validated.history_[column])
    assert legend_texts(display) == ["training", "validation", "best epoch"]


def test_validation_is_dashed_and_of_the_same_hue(validated):
    train, valid, *_ = TrainingHistoryDisplay.from_estimator(validated).lines_
    assert (train.get_linestyle(), valid.get_linestyle()) == ("-", "--")
    faint, full = np.array(to_rgb(train.get_color())), np.array(to_rgb(valid.get_color()))
    assert faint.argsort().tolist() == full.argsort().tolist()
    assert (faint > full).all()


def test_the_best_epoch_is_marked_on_the_validation_curve(validated):
    display = TrainingHistoryDisplay.from_estimator(validated)
    best = validated.best_epoch_
    for ax, column in zip(display.axes_, ["val_loss", "val_accuracy"], strict=True):
        (dot,) = [line for line in ax.lines if line.get_marker() == "o"]
        assert dot.get_xydata().tolist() == [[best, validated.history_[column][best]]]
        assert ax.get_title(loc="right").startswith(f"{column} ")
        assert ax.get_title(loc="right").endswith(f" at epoch {best}, the best by loss")


@pytest.mark.parametrize(
    ("settings", "column"),
    [
        ({}, "loss"),
        ({"early_stopping": True}, "val_accuracy"),
        ({"monitor": "val_loss"}, "val_loss"),
        ({"monitor": "val_f1_macro", "restore_best": True}, "val_f1_macro"),
    ],
)
def test_the_caption_says_what_chose_the_best_epoch(digits, settings, column):
    X, y = digits
    held_out = {} if "early_stopping" in settings else {"X_val": X[200:], "y_val": y[200:]}
    net = MLPClassifier((8,), max_iter=5, tol=None, random_state=0, **settings)
    display = TrainingHistoryDisplay.from_estimator(net.fit(X[:200], y[:200], **held_out))
    caption = " ".join(display.axes_[0].get_title(loc="right").split())
    reason = "the best" if column == "val_loss" else f"the best by {column}"
    assert caption.endswith(f"at epoch {net.best_epoch_}, {reason}")
    values = net.history_[column]
    assert values[net.best_epoch_] == (values.min() if "loss" in column else values.max())


@pytest.mark.filterwarnings("ignore:lbfgs failed")
def test_a_best_epoch_that_no_known_figure_chose(digits):
    lbfgs = MLPClassifier(solver="lbfgs", max_iter=4).fit(*digits)
    changed = MLPClassifier(**SHORT).fit(*digits).set_params(monitor="val_los")
    for net in (lbfgs, changed):
        display = TrainingHistoryDisplay.from_estimator(net)
        assert display.axes_[0].get_title(loc="right").endswith(f"at epoch {net.best_epoch_}")
    by_loss = MLPClassifier(**SHORT, early_stopping=False, monitor="val_loss")
    with pytest.warns(HintWarning):
        by_loss.partial_fit(*digits, classes=range(10))
    display = TrainingHistoryDisplay.from_estimator(by_loss)
    assert display.axes_[0].get_title(loc="right").endswith("at epoch 1, the best")


def test_several_of_different_lengths(by_rate):
    display = TrainingHistoryDisplay.from_estimator(by_rate)
    assert [len(line.get_xdata()) for line in display.lines_] == [3, 4, 5]
    names = [f"learning_rate_init={r}, max_iter={n}" for r, n in [(0.001, 3), (0.01, 4), (0.1, 5)]]
    assert legend_texts(display) == [*names, "best epoch by loss"]
    assert len({line.get_color() for line in display.lines_}) == 3


def test_names(by_rate):
    rates = [0.001, 0.01, 0.1]
    by_key = TrainingHistoryDisplay.from_estimator(dict(zip(rates, by_rate, strict=True)))
    given = TrainingHistoryDisplay.from_estimator(by_rate, names=["a", "b", "c"])
    alone = TrainingHistoryDisplay.from_estimator(by_rate[0], names="slow")
    assert list(by_key.histories) == ["0.001", "0.01", "0.1"]
    assert list(given.histories) == ["a", "b", "c"]
    assert alone.figure_.legends[0].get_title().get_text() == "slow"


def test_epochs_are_whole_numbers(by_rate, digits):
    one = MLPClassifier(**SHORT | {"max_iter": 1}).fit(*digits)
    for net in (by_rate[0], one):
        display = TrainingHistoryDisplay.from_estimator(net)
        display.figure_.canvas.draw()
        assert all(tick == round(tick) for tick in display.axes_[0].get_xticks())


def test_of_an_ensemble_the_network_of_each_fold_is_drawn(digits):
    net = make_pipeline(StandardScaler(), MLPClassifier(**SHORT))
    model = FoldEnsembleClassifier([("nets", net)], cv=2).fit(*digits)
    display = TrainingHistoryDisplay.from_estimator(model)
    assert list(display.histories) == ["nets fold 0", "nets fold 1"]
    members = [member[-1] for member in model.estimators_["nets"]]
    for line, member in zip(display.lines_[::2], members, strict=False):
        np.testing.assert_array_equal(line.get_ydata(), member.history_["loss"])
    again = TrainingHistoryDisplay.from_estimator(model, names=["a", "b"])
    assert list(again.histories) == ["a", "b"]


def test_around_the_estimator(digits, diabetes):
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**SHORT)).fit(*digits)
    target = TransformedTargetRegressor(MLPRegressor(**SHORT), transformer=StandardScaler())
    search = GridSearchCV(MLPClassifier(**SHORT), {"alpha": [0, 1]}, cv=2).fit(*digits)
    models = {"pipeline": pipeline, "target": target.fit(*diabetes), "search": search}
    display = TrainingHistoryDisplay.from_estimator(models)
    for line, net in zip(
        display.lines_,
        [pipeline[-1], models["target"].regressor_, search.best_estimator_],
        strict=True,
    ):
        np.testing.assert_array_equal(line.get_ydata(), net.history_["loss"])


@pytest.mark.filterwarnings("ignore:lbfgs failed")
def test_lbfgs(digits, validated):
    net = MLPClassifier(solver="lbfgs", max_iter=4).fit(*digits)
    assert len(TrainingHistoryDisplay.from_estimator(net).axes_) == 1
    both = TrainingHistoryDisplay.from_estimator([net, validated])
    assert len(both.axes_) == 2
    assert len(both.lines_) == 1 + 4


def test_metrics_choose_the_panels(validated):
    display = TrainingHistoryDisplay.from_estimator(validated, metrics=["accuracy", "lr"])
    assert [ax.get_ylabel() for ax in display.axes_] == ["accuracy", "lr"]
    assert len(TrainingHistoryDisplay.from_estimator(validated, metrics="loss").axes_) == 1


def test_a_metric_that_was_not_recorded(validated):
    with pytest.raises(ValueError, match=r"metrics='acc' is not known. Did you mean 'accuracy'"):
        TrainingHistoryDisplay.from_estimator(validated, metrics="acc")


def test_log_scale(validated):
    loss, accuracy = TrainingHistoryDisplay.from_estimator(validated, loss_scale="log").axes_
    assert loss.get_yscale() == "log"
    assert loss.get_ylabel() == "loss (log scale)"
    assert accuracy.get_yscale() == "linear"


def test_a_history_as_a_frame(validated):
    display = TrainingHistoryDisplay.from_history(validated.history_)
    assert legend_texts(display) == ["training", "validation"]
    several = TrainingHistoryDisplay.from_history([validated.history_] * 2)
    assert list(several.histories) == ["fit 1", "fit 2"]
    keyed = TrainingHistoryDisplay.from_history({"a": validated.history_}, metrics="loss")
    assert list(keyed.histories) == ["a"]


def test_axes_of_the_user(validated):
    figure, axes = plt.subplots(1, 2)
    display = TrainingHistoryDisplay.from_estimator(validated, ax=axes)
    assert display.figure_ is figure
    assert list(display.axes_) == list(axes)
    assert axes[1].get_legend() is not None
    message = r"draws 2 panels \(loss, accuracy\).* or metrics='loss' for one panel\."
    with pytest.raises(ValueError, match=message):
        TrainingHistoryDisplay.from_estimator(validated, ax=axes[0])
    display = TrainingHistoryDisplay.from_estimator(validated, ax=axes[0], metrics="loss")
    assert list(display.axes_) == [axes[0]]


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_a_second_fit_in_the_axes_of_the_first(validated, digits):
    other = MLPClassifier((4,), max_iter=4, tol=None, metrics=["accuracy"], random_state=1)
    other.fit(*digits, X_val=digits[0], y_val=digits[1])
    first = TrainingHistoryDisplay.from_estimator(validated)
    captions = [ax.get_title(loc="right") for ax in first.axes_]
    second = TrainingHistoryDisplay.from_estimator(other, ax=first.axes_)
    assert [line.get_label() for line in second.lines_[:2]] == [
        "MLPClassifier 2: loss",
        "MLPClassifier 2: val_loss",
    ]
    colors = [first.lines_[1].get_color(), second.lines_[1].get_color()]
    assert len(set(colors)) == 2
    (legend,) = first.figure_.legends
    kinds = ["training", "validation", "best epoch by loss"]
    assert texts(legend) == ["MLPClassifier", "MLPClassifier 2", *kinds]
    assert [handle.get_color() for handle in legend.legend_handles[:2]] == colors
    assert [ax.get_title(loc="right") for ax in first.axes_] == captions


def test_fits_one_after_the_other_look_as_together(by_rate):
    together = TrainingHistoryDisplay.from_estimator(by_rate, names=["a", "b", "c"])
    axes = None
    for name, net in zip("abc", by_rate, strict=True):
        axes = TrainingHistoryDisplay.from_estimator(net, names=name, ax=axes).axes_
    assert [line.get_color() for line in axes[0].lines if line.get_label()[0] in "abc"] == [
        line.get_color() for line in together.lines_
    ]
    (legend,) = axes[0].figure.legends
    assert texts(legend) == legend_texts(together)


def test_fits_in_axes_of_the_user(by_rate):
    _, ax = plt.subplots()
    for name, net in zip("ab", by_rate, strict=False):
        TrainingHistoryDisplay.from_estimator(net, names=name, ax=ax)
    assert texts(ax.get_legend()) == ["a", "b", "best epoch by loss"]
    assert not ax.figure.legends


@pytest.fixture(scope="module")
def stopped_early(digits):
    """A net that has the accuracy of its validation set only."""
    net = MLPClassifier((8,), max_iter=4, tol=None, early_stopping=True, random_state=0)
    return net.fit(*digits)


def test_each_panel_of_the_user_has_a_legend_of_what_it_draws(stopped_early):
    _, axes = plt.subplots(1, 2)
    TrainingHistoryDisplay.from_estimator(stopped_early, ax=axes)
    loss, accuracy = (texts(ax.get_legend()) for ax in axes)
    assert loss == ["training", "validation", "best epoch"]
    assert accuracy == ["validation", "best epoch"]


def test_panels_of_the_user_with_the_same_entries_have_one_legend(validated):
    _, axes = plt.subplots(1, 2)
    TrainingHistoryDisplay.from_estimator(validated, ax=axes)
    assert axes[0].get_legend() is None
    assert texts(axes[1].get_legend()) == ["training", "validation", "best epoch"]


def test_a_second_fit_replaces_the_legends_of_the_first(stopped_early, validated):
    _, axes = plt.subplots(1, 2)
    for name, net in {"a": stopped_early, "b": validated}.items():
        TrainingHistoryDisplay.from_estimator(net, names=name, ax=axes)
    assert axes[0].get_legend() is None
    assert texts(axes[1].get_legend()) == ["a", "b", "training", "validation", "best epoch"]


@pytest.mark.parametrize(
    ("metrics", "entries"),
    [("accuracy", ["validation", "best epoch"]), ("lr", ["training", "best epoch"])],
)
def test_a_figure_of_one_panel_has_its_entries(stopped_early, metrics, entries):
    assert legend_texts(TrainingHistoryDisplay.from_estimator(stopped_early, metrics=metrics)) == (
        entries
    )


def test_the_legend_has_the_colours_of_the_curves(stopped_early):
    for metrics in ("loss", "accuracy", "lr"):
        display = TrainingHistoryDisplay.from_estimator(stopped_early, metrics=metrics)
        handles = display.figure_.legends[0].legend_handles[: len(display.lines_)]
        assert [to_rgb(handle.get_color()) for handle in handles] == [
            to_rgb(line.get_color()) for line in display.lines_
        ]


def test_a_scale_that_is_logarithmic_stays_named_so(validated):
    axes = TrainingHistoryDisplay.from_estimator(validated, loss_scale="log").axes_
    TrainingHistoryDisplay.from_estimator(validated, ax=axes)
    assert axes[0].get_ylabel() == "loss (log scale)"


def test_plot_draws_again_and_returns_itself(validated):
    display = TrainingHistoryDisplay.from_estimator(validated)
    first = display.figure_
    assert display.plot(metrics="loss") is display
    assert display.figure_ is not first
    assert len(display.axes_) == 1


def test_curve_kwargs(by_rate):
    display = TrainingHistoryDisplay.from_estimator(by_rate, curve_kwargs={"alpha": 0.5})
    assert [line.get_alpha() for line in display.lines_] == [0.5] * 3
    each = [{"color": "red"}, {}, {"linewidth": 5}]
    display = TrainingHistoryDisplay.from_estimator(by_rate, curve_kwargs=each)
    assert display.lines_[0].get_color() == "red"
    assert display.lines_[2].get_linewidth() == 5
    assert each[0] == {"color": "red"}
    with pytest.raises(ValueError, match="curve_kwargs has 2 dicts for 3 estimators"):
        TrainingHistoryDisplay.from_estimator(by_rate, curve_kwargs=[{}, {}])


def test_a_colour_of_the_user_reaches_all_that_is_the_estimators(validated):
    display = TrainingHistoryDisplay.from_estimator(validated, curve_kwargs={"color": "red"})
    train, valid, dot = display.axes_[0].lines[:3]
    assert to_rgb(valid.get_color()) == to_rgb(dot.get_color()) == (1, 0, 0)
    assert to_rgb(train.get_color()) == (1, 0.5, 0.5)


def test_what_cannot_be_drawn():
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(MLPClassifier())
    with pytest.raises(TypeError, match=r"TrainingHistoryDisplay.from_estimator got Logistic"):
        TrainingHistoryDisplay.from_estimator(LogisticRegression())
    with pytest.raises(ValueError, match="nothing to draw"):
        TrainingHistoryDisplay.from_estimator([])


def test_the_legend_beside_several_covers_nothing(by_rate, boxes):
    display = TrainingHistoryDisplay.from_estimator(by_rate)
    legend, panel = boxes(display.figure_, display.figure_.legends[0], display.axes_[0])
    assert not legend.overlaps(panel)
    assert legend.x1 <= display.figure_.bbox.x1


def test_a_picture_that_no_window_shows(validated, tmp_path):
    before = plt.get_fignums()
    figure = picture_of(validated)
    figure.savefig(tmp_path / "picture.png")
    assert plt.get_fignums() == before
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss", "accuracy"]
    assert (tmp_path / "picture.png").stat().st_size > 5000
