import pytest
from sklearn.utils import Bunch

from sknn_tips.datasets._openml import fetch


def test_the_named_version_is_fetched(monkeypatch):
    def fetch_openml(name, *, version, as_frame):
        return Bunch(asked=(name, version, as_frame))

    monkeypatch.setattr("sknn_tips.datasets._openml.fetch_openml", fetch_openml)
    assert fetch("adult", 2, as_frame=True, instead_of="x").asked == ("adult", 2, True)


def test_without_a_network_the_error_says_how_to_do_without(no_download, data_folder):
    with pytest.raises(FileNotFoundError, match="no network") as caught:
        fetch("adult", 2, as_frame=True, instead_of="tabular/adult.parquet")
    assert "put 'tabular/adult.parquet' in there" in str(caught.value)
