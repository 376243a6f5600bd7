"""Threads that run the tasks of a search in parallel."""

import contextvars
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import Any

import sklearn

from sknn_tips.exceptions import CALLER, place_of_user
from sknn_tips.runtime.interrupts import CANCELLED, Cancelled, check_cancelled, noted
from sknn_tips.runtime.threads import one_thread_each
from sknn_tips.search.progress import Progress

Task = Callable[[], Any]

# On Windows, a wait cannot be interrupted by Ctrl-C, so waits are short.
SECONDS_OF_A_WAIT = 0.1


class Workers:
    """Threads of one search, which use one core each.

    They are created and closed by the thread that called the search. Tasks run with the context
    variables and scikit-learn's configuration of that thread, and their warnings point to the
    user's line there.

    Parameters
    ----------
    n_threads : int
    progress : Progress or None
        Its methods are called for each task that is submitted or completed.
    """

    def __init__(self, n_threads: int, progress: Progress | None) -> None:
        self.progress = progress
        self._cancelled = threading.Event()
        self._error: BaseException | None = None
        self._config = sklearn.get_config()
        self._context = contextvars.copy_context()
        self._context.run(CANCELLED.set, self._cancelled)
        self._context.run(CALLER.set, place_of_user())
        self._outside = ExitStack()
        # first, so that Ctrl-C does not interrupt the start of a thread, which would then be left
        self._interrupted = self._outside.enter_context(noted())
        use_one_thread = self._outside.enter_context(one_thread_each())
        # All threads share one list of warning filters. If two threads change it at the same time,
        # as scikit-learn does when it checks an array, filters of one may remain. The filters are
        # therefore restored at the end.
        self._outside.enter_context(warnings.catch_warnings())
        self._threads: ThreadPoolExecutor | None = ThreadPoolExecutor(
            n_threads, "sknn_tips", use_one_thread
        )

    def submit(self, task: Task, callback: Callable[[Any], Any]) -> Future[Any]:
        """Run a task when a thread is free, and call `callback` with its result in this thread."""
        if self.progress is not None:
            self.progress.submitted()
        run = self._context.copy().run
        assert self._threads is not None
        return self._threads.submit(run, self._run, task, callback)

    def result(self, future: Future[Any]) -> Any:
        """Wait for a task, and return its result or raise its error.

        An error of another task is raised immediately, because it ends the search, and so is
        KeyboardInterrupt after Ctrl-C.
        """
        if self.progress is not None:
            self.progress.show()
        while not self._interrupted() and self._error is None and not future.done():
            wait([future], SECONDS_OF_A_WAIT)
        if self._interrupted():
            raise KeyboardInterrupt
        if self._error is not None:
            raise self._error
        return future.result()

    def cancel(self) -> None:
        """Cancel all tasks: networks stop after the current batch, others when they are done."""
        self._cancelled.set()
        self.close()

    def close(self) -> None:
        """Drop all pending tasks, and wait for the threads to end."""
        # An error keeps this object alive in a cycle. A thread in it would be freed by the garbage
        # collector, which loses a Ctrl-C that arrives then.
        threads, self._threads = self._threads, None
        try:
            if threads is not None:
                threads.shutdown(cancel_futures=True)
        finally:
            self._outside.close()

    def _run(self, task: Task, callback: Callable[[Any], Any]) -> Any:
        try:
            check_cancelled()
            with sklearn.config_context(**self._config):
                result = task()
        except Cancelled:  # nobody reads the result, and a traceback would keep the thread alive
            return None
        except BaseException as error:
            self._error = self._error or error
            raise
        if self.progress is not None:
            self.progress.done(task, result)
        callback(result)
        return result
