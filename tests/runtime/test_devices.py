import pytest
import torch
from joblib import Parallel, delayed

from sknn_tips.runtime import devices
from sknn_tips.runtime.devices import FLOP_WORTH_A_GPU, resolve_device


def test_auto_takes_a_gpu_only_for_large_steps(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto", FLOP_WORTH_A_GPU * 2).type == "cuda"
    assert resolve_device("auto", FLOP_WORTH_A_GPU / 2).type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto", FLOP_WORTH_A_GPU * 2).type == "cpu"


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_workers_are_noticed(backend):
    assert not devices._in_worker()
    found = Parallel(n_jobs=2, backend=backend)(delayed(devices._in_worker)() for _ in range(2))
    assert found == [True, True]


def test_a_device_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"device='cuda:3'.*no CUDA device.*device='auto'"):
        resolve_device("cuda:3", 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ValueError, match=r"device='cuda:3'.*'cuda:0' to 'cuda:1'"):
        resolve_device("cuda:3", 0)


@pytest.mark.parametrize("name", ["gpu", "meta", "xpu"])
def test_unknown_devices(name):
    with pytest.raises(ValueError, match=f"device='{name}'"):
        resolve_device(name, 0)
