"""skorch, also under ``python -OO``."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

_NO_DOCSTRINGS = (
    "skorch cannot be imported without docstrings, which python -OO removes. Import sknn_tips"
    " before skorch, or run python -O instead."
)


class _LoaderWithDocstrings(SourceFileLoader):
    """Compile a module as ``python -O`` does, and read and write no bytecode files."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = compile(self.get_data(path), path, "exec", dont_inherit=True, optimize=1)
        return code


class _FinderWithDocstrings(MetaPathFinder):
    """Find the modules of skorch as usual, and load them with their docstrings."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.split(".")[0] != "skorch":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        # By type, since other loaders (of an archive, of bytecode without source) are subclasses.
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _LoaderWithDocstrings(spec.loader.name, spec.loader.path)
        return spec


@contextmanager
def _docstrings() -> Iterator[None]:
    """Import modules of skorch with their docstrings, whatever option Python was started with.

    skorch 1.4 makes the docstrings of its classes from that of ``NeuralNet``, when it is imported.
    Under ``python -OO`` there is none, and ``import skorch`` raises an AttributeError.
    """
    if sys.flags.optimize < 2:
        yield
        return
    finder = _FinderWithDocstrings()
    sys.meta_path.insert(0, finder)
    try:
        yield
    except AttributeError as error:  # an import of skorch that failed has left modules behind
        raise ImportError(_NO_DOCSTRINGS, name="skorch") from error
    finally:
        sys.meta_path.remove(finder)


with _docstrings():
    from skorch import NeuralNet
    from skorch.callbacks import Callback
    from skorch.dataset import Dataset

__all__ = ["Callback", "Dataset", "NeuralNet"]
