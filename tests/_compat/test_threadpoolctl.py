import threading

import pytest
from threadpoolctl import ThreadpoolController

from sknn_tips._compat.threadpoolctl import let_any_thread_set


def test_a_second_thread_sets_the_number_that_a_first_one_set():
    libraries = ThreadpoolController().select(internal_api="openblas").lib_controllers
    if not libraries:
        pytest.skip("no OpenBLAS is loaded")
    before = libraries[0].get_num_threads()

    def set_number(number):
        let_any_thread_set(libraries[0])
        libraries[0].set_num_threads(number)
        let_any_thread_set(libraries[0])

    set_number(1)
    other = threading.Thread(target=set_number, args=(2,))
    other.start()
    other.join()
    assert libraries[0].get_num_threads() == 2
    set_number(before)


def test_a_library_of_an_earlier_version_is_left_alone():
    let_any_thread_set(object())
