"""Checks every environment of a folder and prints its errors, its warnings and the seconds that the process took.

.venv/bin/python bench/oracle.py FOLDER [COMMAND]   (environments are FOLDER/*/venv; COMMAND is `envcheck` unless given)
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from typing import Any

LIMIT = 120  # seconds for one environment


def main() -> int:
    """Check them one after another and return 1 when any has an error or gives no answer."""
    folder, *said = sys.argv[1:]
    command = shlex.split(said[0]) if said else [os.path.join(os.path.dirname(sys.executable), "envcheck")]
    bad = 0
    for name in sorted(os.listdir(folder)):
        place = os.path.abspath(os.path.join(folder, name))
        if os.path.isdir(os.path.join(place, "venv")):
            bad += _report(name, place, command)
    return bad > 0


def _report(name: str, place: str, command: list[str]) -> bool:
    """Print what one environment got; True when it has an error or no answer came."""
    start = time.perf_counter()
    findings = _findings(place, command)
    seconds = time.perf_counter() - start
    if findings is None:
        print(f"{name:40} no answer  {seconds:6.2f} s")
        return True
    graver = [f for f in findings if f["severity"] in {"error", "warning"}]
    errors = [f for f in graver if f["severity"] == "error"]
    print(f"{name:40} {len(errors):3} errors {len(graver) - len(errors):3} warnings {seconds:6.2f} s")
    for finding in sorted(graver, key=lambda f: str(f["severity"])):
        print(f"    {finding['severity']:8} {finding['rule']:36} {', '.join(finding['subjects'])}")
    return bool(errors)


def _findings(place: str, command: list[str]) -> list[dict[str, Any]] | None:
    """Return what the check found, run in the project beside the environment or else in an empty folder."""
    project = os.path.join(place, "project")
    call = [*command, "check", f"python:{os.path.join(place, 'venv')}", "--format", "json"]
    with tempfile.TemporaryDirectory() as empty:
        where = project if os.path.isdir(project) else empty
        try:
            ran = subprocess.run(call, capture_output=True, timeout=LIMIT, cwd=where, check=False)
            found: list[dict[str, Any]] = json.loads(ran.stdout)["findings"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    return found


if __name__ == "__main__":
    sys.exit(main())
