"""Write the files of this folder with the version of sknn_tips that is imported.

``python tests/persistence/files/make.py`` was run at commit fad348e (November 2026), before the
folders of the package were rearranged. The files stay as they are: later versions must read them.
predictions.npz holds the predictions of then, before and after a further call of partial_fit.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tips import MLPClassifier, MLPRegressor, save_model, save_weights

HERE = Path(__file__).parent


def main() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    clf = MLPClassifier(
        (6, 5),
        ["relu", "maxout"],
        dropout=0.2,
        input_dropout=0.1,
        batchnorm=["before", "after"],
        layernorm=True,
        input_scaling=True,
        optimizer="amsgrad",
        learning_rate="one_cycle",
        activation_params={"pieces": 3},
        class_weight="balanced",
        label_smoothing=0.1,
        metrics=["roc_auc_ovr"],
        max_iter=4,
        tol=None,
        dtype="float64",
        random_state=0,
    ).fit(X, names)
    save_model(clf, HERE / "classifier.safetensors")
    save_weights(clf, HERE / "weights.safetensors")

    A, b = load_diabetes(return_X_y=True)
    reg = MLPRegressor(
        "huber",
        5,
        "elu",
        loss_params={"delta": 0.7},
        normalize_y=True,
        optimizer="sgd",
        l1=1e-4,
        clip_norm=1.0,
        learning_rate="step",
        schedule_params={"step_size": 2},
        max_iter=4,
        tol=None,
        dtype="float64",
        random_state=0,
    )
    model = make_pipeline(StandardScaler(), reg).fit(A, b)
    save_model(model, HERE / "pipeline.zip")

    before = {"classifier": clf.predict_proba(X[::10]), "pipeline": model.predict(A[::40])}
    clf.partial_fit(X, names)
    reg.partial_fit(model[0].transform(A), b)
    after = {"classifier": clf.predict_proba(X[::10]), "pipeline": model.predict(A[::40])}
    later = {f"{name}_later": values for name, values in after.items()}
    np.savez_compressed(HERE / "predictions.npz", **before, **later)


if __name__ == "__main__":
    main()
