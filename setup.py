"""Build `sknn_tips.ops._native`, the optional compiled part; the rest is in pyproject.toml.

If the build fails, one line states the reason and the installation continues: the package then does
the same computations in Python. With ``SKNN_TIPS_PURE=1`` in the environment, it is not built.
"""

import os
import shutil
import sysconfig
from glob import glob
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext

SOURCES = "sknn_tips/ops/src"
FLAGS = {
    # The two -fno options have no effect on the results of the C code, and allow loops with calls
    # and comparisons to be vectorised; -ffast-math would remove its checks for NaN. -g0 overrides
    # -g in Python's own flags, since a wheel does not need debug information.
    "unix": ["-O3", "-g0", "-fno-math-errno", "-fno-trapping-math", "-fopenmp-simd"],
    "msvc": ["/O2", "/std:c11"],
}
PURE = os.environ.get("SKNN_TIPS_PURE", "0") not in ("", "0")
# One binary for all later versions of Python. Free-threaded builds have no such interface.
ABI3 = not sysconfig.get_config_var("Py_GIL_DISABLED")


class Build(build):
    """Start with an empty build folder, since old files in it would be added to the wheel."""

    def run(self):
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


class BuildOptional(build_ext):
    """Continue without the extension if it cannot be built."""

    def run(self):
        in_place = self.inplace  # setuptools resets it during the build
        super().run()
        if in_place and not self.extensions:
            # A file from an earlier build would not match the current sources.
            Path(self.get_ext_filename(NATIVE.name)).unlink(missing_ok=True)

    def build_extensions(self):
        if PURE:
            self._leave_out("SKNN_TIPS_PURE is set", "install sknn_tips again without it")
            return
        for extension in self.extensions:
            extension.extra_compile_args = FLAGS.get(self.compiler.compiler_type, FLAGS["unix"])
        try:
            super().build_extensions()
        except Exception as error:  # each compiler and platform raises different errors
            self._leave_out(*self._reason_and_remedy(error))

    def _reason_and_remedy(self, error):
        command = getattr(self.compiler, "compiler_so", None)  # not defined for MSVC
        if command and shutil.which(command[0]) is None:
            return (
                f"there is no C compiler ({command[0]})",
                "install one (gcc or clang), then sknn_tips again",
            )
        header = Path(sysconfig.get_path("include"), "Python.h")
        if not header.exists():
            return (
                f"Python's headers are missing ({header})",
                "install them (a package python3-dev or python3-devel), then sknn_tips again",
            )
        return (
            f"compiling it failed ({' '.join(str(error).split())})",
            "see above what the compiler says (pip: with -v), then install sknn_tips again",
        )

    def _leave_out(self, reason, remedy):
        print(
            f"sknn_tips: built WITHOUT its compiled part: {reason}. Everything works without it, in"
            f" Python; small networks train more slowly. To have it, {remedy}.",
            flush=True,
        )
        self.extensions = self.distribution.ext_modules = []


class Wheel(bdist_wheel):
    """Name the wheel for this platform only if it contains compiled code."""

    def run(self):
        self.run_command("build")
        self.skip_build = True
        self.root_is_pure = not self.distribution.has_ext_modules()
        super().run()


NATIVE = Extension(
    "sknn_tips.ops._native",
    sources=sorted(glob(f"{SOURCES}/*.c")),
    depends=sorted(glob(f"{SOURCES}/*.h")),
    define_macros=[("Py_LIMITED_API", "0x030B0000")] if ABI3 else [],
    py_limited_api=ABI3,
)

setup(
    ext_modules=[NATIVE],
    cmdclass={"build": Build, "build_ext": BuildOptional, "bdist_wheel": Wheel},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if ABI3 else {},
)
