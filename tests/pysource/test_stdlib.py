"""What the standard library no longer has."""

from __future__ import annotations

import sys

from envcheck.pysource.stdlib import removed_after, removed_in


def test_modules_have_the_version_that_removed_them():
    assert removed_in("distutils") == removed_in("imp") == 12
    assert removed_in("cgi") == removed_in("telnetlib") == 13
    assert removed_in("json") is removed_in("numpy") is None


def test_what_an_older_python_still_has():
    assert removed_after(11) >= {"distutils", "cgi"}
    assert "distutils" not in removed_after(12)
    assert "cgi" in removed_after(12)
    assert removed_after(13) == frozenset()


def test_this_python_agrees():
    minor = sys.version_info.minor
    gone = removed_after(7) - removed_after(minor)
    assert not gone & sys.stdlib_module_names
    # Those that are still to go, but for the ones that are listed for other platforms too.
    assert removed_after(minor) <= sys.stdlib_module_names
