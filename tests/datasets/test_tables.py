import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from sknn_tips.datasets import load_table
from sknn_tips.datasets._tables import CLASSIFICATION, REGRESSION, TABLES
from sknn_tips.exceptions import UnknownOptionError


def write_table(folder, name, target):
    frame = pd.DataFrame(
        {
            "age": [1.0, np.nan, 3.0],
            "sex": pd.Categorical(["m", "f", None]),
            "target": target,
        }
    )
    path = folder / "tabular" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    frame.to_parquet(path)
    return path


def test_a_table_to_classify(data_folder):
    write_table(data_folder, "titanic", pd.Categorical(["0", "1", "1"]))
    bunch = load_table("titanic")
    assert bunch.feature_names == ["age", "sex"]
    assert list(bunch.data.columns) == ["age", "sex"]
    assert isinstance(bunch.data["sex"].dtype, pd.CategoricalDtype)
    assert bunch.data.isna().sum().tolist() == [1, 1]
    assert bunch.frame.columns.tolist() == ["age", "sex", "target"]
    assert bunch.target_names == ["0", "1"]
    assert bunch.target.tolist() == ["0", "1", "1"]
    assert bunch.DESCR.startswith("titanic: 1,309 passengers")


def test_a_table_for_regression(data_folder):
    write_table(data_folder, "abalone", [1.0, 2.0, 3.0])
    X, y = load_table("abalone", return_X_y=True)
    assert X.shape == (3, 2)
    assert y.tolist() == [1.0, 2.0, 3.0]
    assert load_table("abalone").target_names == ["target"]


def test_an_unknown_name_suggests_and_lists():
    with pytest.raises(UnknownOptionError, match=r"'diamond' .*mean 'diamonds'.*'wine_quality'"):
        load_table("diamond")


def test_without_pyarrow_the_extra_is_named(data_folder, monkeypatch):
    write_table(data_folder, "abalone", [1.0, 2.0, 3.0])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"sknn_tips\[data\]"):
        load_table("abalone")


def test_a_damaged_file(data_folder):
    path = write_table(data_folder, "abalone", [1.0, 2.0, 3.0])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"abalone.parquet' is damaged"):
        load_table("abalone")


def test_a_file_without_the_target_column(data_folder):
    path = write_table(data_folder, "abalone", [1.0, 2.0, 3.0])
    pd.DataFrame({"age": [1.0], "rings": [2.0]}).to_parquet(path)
    with pytest.raises(ValueError, match="is 'rings', not 'target'"):
        load_table("abalone")


@pytest.mark.parametrize(
    ("name", "openml", "target", "dtype"),
    [
        ("adult", ("adult", 2), ["<=50K", ">50K"], "category"),
        ("diamonds", ("diamonds", 1), [326, 327], "float64"),
    ],
)
def test_without_a_file_openml_is_asked(data_folder, monkeypatch, name, openml, target, dtype):
    def fetch_openml(name, *, version, as_frame):
        assert (name, version, as_frame) == (*openml, True)
        return Bunch(data=pd.DataFrame({"x": [1, 2]}), target=pd.Series(target, name="class"))

    monkeypatch.setattr("sknn_tips.datasets._openml.fetch_openml", fetch_openml)
    X, y = load_table(name, return_X_y=True)
    assert X.shape == (2, 1)
    assert y.name == "target"
    assert y.dtype == dtype
    assert y.tolist() == target


def test_a_table_that_openml_does_not_have(data_folder, monkeypatch):
    monkeypatch.delenv("SKNN_TIPS_DATA")
    with pytest.raises(FileNotFoundError, match=r"Set .* SKNN_TIPS_DATA .* 'tabular/titanic.parq"):
        load_table("titanic")


@pytest.mark.parametrize("name", TABLES)
def test_the_real_files(name, real_data):
    bunch = load_table(name)
    n_rows = int(bunch.DESCR.split()[1].replace(",", ""))
    assert bunch.data.shape == (n_rows, len(bunch.feature_names))
    assert bunch.target.notna().all()
    assert isinstance(bunch.target.dtype, pd.CategoricalDtype) == (name in CLASSIFICATION)
    assert (bunch.target.dtype == np.float64) == (name in REGRESSION)
