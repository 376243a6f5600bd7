import gc

import pytest

from sknn_tips.training.sharing import SHARE, Share, no_entries, once


class Thing:
    """Data, of which only the identity counts."""


def make_list():
    return [Thing()]


def in_share(share, function):
    token = SHARE.set(share)
    try:
        return function()
    finally:
        SHARE.reset(token)


def test_alone_everything_is_made():
    source = Thing()
    assert once("list", source, None, make_list) is not once("list", source, None, make_list)


def test_the_same_of_the_same_is_made_once():
    entries, source = no_entries(), Thing()
    first, second = Share(entries), Share(entries)
    made = first.once("list", (source,), 1, make_list)
    assert second.once("list", (source,), 1, make_list) is made
    assert second.once("list", (source,), 2, make_list) is not made
    assert second.once("other", (source,), 1, make_list) is not made
    assert second.once("list", (Thing(),), 1, make_list) is not made


def test_it_stays_as_long_as_one_uses_it():
    entries, source = no_entries(), Thing()
    first, second = Share(entries), Share(entries)
    first.once("list", (source,), None, make_list)
    second.once("list", (source,), None, make_list)
    del first
    gc.collect()
    assert len(entries) == 1
    del second
    gc.collect()
    assert not entries


def test_only_what_came_from_a_shared_source_is_shared():
    entries, source = no_entries(), Thing()
    first, second = Share(entries), Share(entries)
    pair = first.once("pair", (source,), None, lambda: (Thing(), None))
    second.once("pair", (source,), None, make_list)
    made = in_share(first, lambda: once("list", pair[0], None, make_list))
    assert in_share(second, lambda: once("list", pair[0], None, make_list)) is made
    assert first.has_made(made)
    own = Thing()
    assert in_share(first, lambda: once("list", own, None, make_list)) is not in_share(
        second, lambda: once("list", own, None, make_list)
    )


def test_what_fails_is_tried_again():
    share, calls = Share(no_entries()), []

    def fail():
        calls.append(1)
        raise ValueError("for now")

    for _ in range(2):
        with pytest.raises(ValueError, match="for now"):
            share.once("x", (share,), None, fail)
    assert len(calls) == 2
