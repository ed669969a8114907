"""What parsing gave is kept between runs, and never changes what a run says."""

from __future__ import annotations

import pytest

from envcheck import cache, memory, requirements, versions


@pytest.fixture
def forgetful(tmp_path, monkeypatch):
    """Give the parsers empty memories and a cache folder of this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def forget():
        for known in (*requirements.MEMORIES, versions.VERDICTS):
            known.clear()

    forget()
    return forget


def learn() -> tuple[object, ...]:
    return (
        requirements.parse("Foo.Bar[x]>=1,<2; python_version < '3'"),
        requirements.applies("python_version < '3'", {"python_version": "3.11"}),
        versions.satisfies("1.5", ">=1,<2"),
        versions.satisfies("odd", ">=1"),
    )


def test_what_was_learnt_is_recalled_and_the_same(forgetful):
    recalled = memory.recall()
    assert recalled == 0
    first = learn()
    memory.keep(recalled)
    forgetful()
    assert memory.recall() > 0
    assert learn() == first


def test_nothing_new_is_not_stored_again(forgetful, monkeypatch):
    learn()
    memory.keep(0)
    stored = []
    monkeypatch.setattr(cache, "store", lambda *words: stored.append(words))
    forgetful()
    memory.keep(memory.recall())
    assert stored == []


def test_a_foreign_entry_is_as_good_as_none(forgetful):
    cache.store("parsed", memory._key(), ({"x": 1},))
    assert memory.recall() == 0
    assert learn()[2] is True
