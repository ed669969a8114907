"""Tells somebody, by a URL or a command, that the verdict over some environments has changed."""

from __future__ import annotations

import json
import shlex

from envcheck import cache
from envcheck.errors import EnvcheckError, UsageError
from envcheck.model.record import Record
from envcheck.model.reports import NEW
from envcheck.targets.children import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from envcheck.model.reports import Report

_SECONDS = 10
_MOST = 20  # findings that are told
_SCHEMA = 1


class Receiver(Record):
    """Who is told: a URL, or the words of a command."""

    url: str = ""
    command: tuple[str, ...] = ()


def receiver(text: str) -> Receiver:
    """Return who is meant by a URL or a command; raises UsageError for what is neither."""
    if "://" not in text.partition(" ")[0]:
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise UsageError(f"{text!r} is no command: {error}", hint="close the quotes") from None
        if not words or not words[0]:
            raise UsageError("nobody to notify", hint="a URL, or a command that reads JSON")
        return Receiver(command=words)
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or parts.username is not None or not text.isascii() or not text.isprintable() or " " in text:
        # What stands in it may be a secret, so that it is not repeated.
        raise UsageError(
            "the URL to notify is none that can be used", hint="https://host/path, without user and password"
        )
    return Receiver(url=text)


def notify(report: Report, addresses: Sequence[str], to: Receiver) -> None:
    """Tell the receiver if the verdict over some addresses, in any order, is another than the last that it was told.

    The first verdict is told only where it is not ok. What was told is kept in the cache folder, and only when that
    has succeeded, so that the next run tries again. Raises EnvcheckError where it did not succeed.
    """
    key = _digest((_SCHEMA, *sorted(addresses), to.url, *to.command))  # a URL is often a secret
    name = f"verdict-{key}"
    before = cache.load(name, key)
    before = before if isinstance(before, str) else ""
    if report.verdict == before:
        return
    if before or report.verdict != "ok":
        message = json.dumps(_summary(report, before)).encode()
        if to.url:
            _post(to.url, message)
        else:
            _call(to.command, message)
    cache.store(name, key, report.verdict)


def _summary(report: Report, before: str) -> dict[str, object]:
    new = [finding for finding in report.findings if finding.status == NEW]
    severities = [finding.severity for finding in new]
    told = ("rule", "severity", "target", "message", "fingerprint")
    return {
        "schema": _SCHEMA,
        "tool": report.tool,
        "verdict": report.verdict,
        "before": before,
        "targets": [snapshot.label for snapshot in report.snapshots],
        "counts": {severity: severities.count(severity) for severity in ("error", "warning", "info")},
        "findings": [{field: getattr(finding, field) for field in told} for finding in new[:_MOST]],
    }


def _post(url: str, message: bytes) -> None:
    """Send a message; redirections are not followed, as they would lose it."""
    from threading import Thread

    outcome: list[str] = []
    # A server that answers drop by drop keeps every single wait below a time limit: the whole is limited here.
    sender = Thread(target=lambda: outcome.append(_problem_of_posting(url, message)), daemon=True)
    sender.start()
    sender.join(_SECONDS)
    problem = outcome[0] if outcome else f"no answer within {_SECONDS} seconds"
    if problem:
        raise EnvcheckError(f"nobody was notified: {problem}", hint="see whether the URL is right and can be reached")


def _problem_of_posting(url: str, message: bytes) -> str:
    """Return what went wrong, in words that do not repeat the URL."""
    from http.client import HTTPException
    from urllib import error, request

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler,
        request.HTTPHandler,
        request.HTTPSHandler,
        request.HTTPDefaultErrorHandler,
        request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    headers = {"Content-Type": "application/json", "User-Agent": "envcheck"}
    try:
        opener.open(request.Request(url, data=message, headers=headers, method="POST"), timeout=_SECONDS).close()  # noqa: S310  http and https only, see `receiver`
    except error.HTTPError as answer:
        return f"the server answered {answer.code}"
    except (OSError, HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        return getattr(reason, "strerror", None) or type(reason).__name__
    return ""


def _call(command: Sequence[str], message: bytes) -> None:
    ended = run(command, timeout=_SECONDS, stdin=message)
    if ended.code != 0:
        said = ended.err.strip().rpartition("\n")[2] or f"it ended with {ended.code}"
        raise EnvcheckError(f"nobody was notified: {command[0]}: {said}", hint="see whether the command is right")


def _digest(key: tuple[object, ...]) -> str:
    from hashlib import blake2b

    return blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
