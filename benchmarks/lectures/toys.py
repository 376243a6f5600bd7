"""The experiments on toy data, which take less than a second."""

from benchmarks.lectures.system import (
    ADAM,
    DRAWN,
    KERAS,
    LINEAR,
    MOMENTUM,
    PLAIN_SGD,
    RANDOM,
    System,
)

SEEDS = 100

# -- A2: softmax, plain gradient descent -----------------------------------------------------------

SOFTMAX: dict[str, float | None] = {"train_loss": 0.1387, "train_accuracy": 1.0}
A2 = [
    System(
        "A2",
        "D3",
        "softmax toy data, W and b from N(0, 1), gradient descent, rate 0.1, 2,000 steps",
        "softmax_toy",
        {
            **PLAIN_SGD,
            **DRAWN,
            **LINEAR,
            "optimizer": "gd",
            "learning_rate_init": 0.1,
            "max_iter": 2000,
        },
        SOFTMAX,
        "lectures/plot_softmax_toy.py",
        SEEDS,
        note="The initial weights of the deck were lucky; few others reach a smaller loss in 2,000"
        " steps.",
    ),
    System(
        "A2-ours",
        "D3",
        "the same with momentum 0.9",
        "softmax_toy",
        {**MOMENTUM, **DRAWN, **LINEAR, "learning_rate_init": 0.1, "max_iter": 2000},
        SOFTMAX,
        "lectures/plot_softmax_toy.py",
        SEEDS,
    ),
]

# -- A5: XOR ---------------------------------------------------------------------------------------

EIGHT = {"hidden_layer_sizes": (8,), "batch_size": 4}
XOR: dict[str, float | None] = {"train_accuracy": 0.75, "solved": None}
DECKS_XOR = {**KERAS, **EIGHT, "loss": "squared_error"}
A5 = [
    System(
        "A5-100",
        "D3",
        "XOR, 2-8-1 with ReLU, squared error, Adam, 100 epochs",
        "xor",
        {**DECKS_XOR, "max_iter": 100},
        XOR,
        "lectures/plot_xor.py",
        SEEDS,
        note="After 100 epochs with the settings of the deck, the result depends on the initial"
        " weights.",
    ),
    System(
        "A5-1000",
        "D3",
        "the same, 1,000 epochs",
        "xor",
        {**DECKS_XOR, "max_iter": 1000},
        {"train_accuracy": None, "solved": None},
        "lectures/plot_xor.py",
        SEEDS,
    ),
    System(
        "A5-relu",
        "D3",
        "the same network; cross-entropy, random initial biases, rate 0.05, 100 epochs",
        "xor",
        {**ADAM, **EIGHT, "init": "auto", "learning_rate_init": 0.05, "max_iter": 100},
        XOR,
        "lectures/plot_xor.py",
        SEEDS,
        note="With about one seed of twenty, too many ReLUs are dead, and more epochs do not help.",
    ),
    System(
        "A5-ours",
        "D3",
        "the same with ELU in place of ReLU, rate 0.1, 100 epochs",
        "xor",
        {
            **ADAM,
            **EIGHT,
            "init": "auto",
            "activation": "elu",
            "learning_rate_init": 0.1,
            "max_iter": 100,
        },
        XOR,
        "lectures/plot_xor.py",
        SEEDS,
    ),
]

# -- A6: learning rates ----------------------------------------------------------------------------

RATES: dict[str, float | None] = {
    "train_loss": 0.6094,
    "train_accuracy": 0.75,
    "test_loss": 0.0289,
    "test_accuracy": 1.0,
}
A6 = [
    System(
        "A6",
        "D4",
        "learning-rate toy data, W from N(0, 1), SGD, rate 0.1, 200 epochs",
        "learning_rate_toy",
        {**PLAIN_SGD, **RANDOM, **LINEAR, "learning_rate_init": 0.1, "max_iter": 200},
        RATES,
        "first_steps/plot_learning_rates.py",
        SEEDS,
        note="The deck does not state its initial weights; with N(0, 1), six seeds of ten reach"
        " both accuracies.",
    ),
    System(
        "A6-ours",
        "D4",
        "the same with momentum 0.9",
        "learning_rate_toy",
        {**MOMENTUM, **RANDOM, **LINEAR, "learning_rate_init": 0.1, "max_iter": 200},
        RATES,
        "first_steps/plot_learning_rates.py",
        SEEDS,
    ),
]

# -- A7: normalisation -----------------------------------------------------------------------------

# The deck's rate is 0.01 for the squared error. Our loss is half of it, so the rate is doubled.
LINE = {**PLAIN_SGD, **DRAWN, **LINEAR, "learning_rate_init": 0.02, "max_iter": 10}
A7 = [
    System(
        "A7-raw",
        "D3, D4",
        "unscaled stock prices, linear regression, SGD",
        "stock_prices",
        LINE,
        {"mse_epoch_1": 4.9e11, "mse_epoch_2": 5.4e32, "epochs_to_infinity": 3},
        "what_went_wrong/plot_scaling.py",
        SEEDS,
        note="The deck continues until nan; here training stops, with an error that states the"
        " reason.",
    ),
    System(
        "A7-scaled",
        "D3, D4",
        "the same, X and y scaled to the range from 0 to 1, 10 epochs",
        "stock_prices_scaled",
        LINE,
        {"mse_epoch_1": 1.5456, "mse_last": 0.8204, "mse_ratio": 0.53},
        "what_went_wrong/plot_scaling.py",
        SEEDS,
        note="The initial loss, and therefore the final loss, depends on the initial weights.",
    ),
]

TOYS = [*A2, *A5, *A6, *A7]
