"""Functions that take turns: each in a thread of its own, and one running at a time.

scikit-learn's searches call `fit` and wait for it. To train many fits together, each has to stop
in the middle of `fit` and be taken up again later. A thread can; but threads that really run side
by side would disturb each other where Python has one of a thing for all, such as the filters of
warnings. So a fiber runs only while `resume` waits for it, and what is global is put back between.
"""

import contextvars
import threading
import warnings
from collections.abc import Callable
from typing import Any


class Cancelled(BaseException):
    """Ends a fiber that is not to go on; no ``except Exception`` stops it."""


class Fiber:
    """A function that can be left and taken up again.

    Parameters
    ----------
    function : callable
        Without arguments. Whatever it calls may `park` the fiber.

    Attributes
    ----------
    request : object
        What it was parked with last; None once it is over.
    done : bool
    result : object
        What the function returned.
    error : BaseException or None
        What it raised.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.request: Any = None
        self.answer: Any = None
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._raised: BaseException | None = None
        self._cancelled = False
        self._running = False
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._warnings = _Warnings()
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._main,), daemon=True)

    def resume(self, answer: Any = None, error: BaseException | None = None) -> None:
        """Let it run until it parks or is over.

        Parameters
        ----------
        answer : object
            What `park` returns in the fiber.
        error : BaseException or None
            What it raises there instead.
        """
        self.request, self.answer, self._raised = None, answer, error
        outside = _Warnings()
        self._warnings.put_back()
        try:
            self._run()
        finally:
            self._warnings = _Warnings()
            outside.put_back()

    def cancel(self) -> None:
        """End it: by `Cancelled` where it is parked, or where it parks next."""
        self._cancelled = True
        if self._running:  # Ctrl-C came while it ran; it cannot be stopped, but waited for
            self._back.acquire()
            self._running = False
        while not self.done and self._thread.ident is not None:
            self.resume()

    def park(self, request: Any) -> Any:
        """Leave the fiber, from inside; return the answer that it is resumed with."""
        self.check()
        self.request = request
        self._back.release()
        self._go.acquire()
        self.check()
        if self._raised is not None:
            raise self._raised
        return self.answer

    def check(self) -> None:
        """End the fiber here, from inside, if it was cancelled."""
        if self._cancelled:
            raise Cancelled

    def _run(self) -> None:
        self._running = True
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._go.release()
        self._back.acquire()
        self._running = False
        if self.done:
            self._thread.join()

    def _main(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:
            self.error = error
        self.done = True
        self._back.release()


class _Warnings:
    """How warnings are treated now; `warnings.catch_warnings` changes it for all threads."""

    def __init__(self) -> None:
        self.filters = warnings.filters
        self.show = warnings.showwarning
        self.recorder = vars(warnings).get("_showwarnmsg_impl")  # set by record=True

    def put_back(self) -> None:
        if self.filters is warnings.filters and self.show is warnings.showwarning:
            return
        with warnings.catch_warnings():  # it tells Python that filters changed, in and out
            pass
        warnings.filters = self.filters
        warnings.showwarning = self.show
        if self.recorder is not None:
            vars(warnings)["_showwarnmsg_impl"] = self.recorder
        with warnings.catch_warnings():
            pass
