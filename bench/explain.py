"""Times explain on a short log and on logs of a million lines that fail at the start, in the middle and at the end.

.venv/bin/python bench/explain.py [ENVCHECK]   (else the one that `python3 make.py bench` installed)
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from itertools import islice
from typing import TYPE_CHECKING

import bench

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = 1_000_000
ROUNDS = 5
FAILURE = """\
Traceback (most recent call last):
  File "/srv/train.py", line 12, in <module>
    from flash_attn import flash_attn_func
  File "/opt/venv/lib/python3.11/site-packages/flash_attn/__init__.py", line 3, in <module>
    from flash_attn.flash_attn_interface import flash_attn_func
  File "/opt/venv/lib/python3.11/site-packages/flash_attn/flash_attn_interface.py", line 15, in <module>
    import flash_attn_2_cuda as flash_attn_gpu
ImportError: /opt/venv/lib/python3.11/site-packages/flash_attn_2_cuda.cpython-311-x86_64-linux-gnu.so: \
undefined symbol: _ZN3c104cuda9SetDeviceEi
"""
WANTED = "torch-extension-built-for-other-torch"


def main() -> None:
    """Write the logs, time every call in turn and print the medians."""
    os.makedirs(bench.place("logs"), exist_ok=True)
    logs = {"short": _log(120, 120), **{name: _log(at, LINES) for name, at in _places().items()}}
    costs: dict[str, list[bench.Cost]] = {name: [] for name in logs}
    for number in range(ROUNDS + 1):
        for name, path in logs.items():
            cost = bench.spend((_envcheck(), "explain", path))
            if number:
                costs[name].append(cost)
    print("| log | lines | MB | wall s | cpu s | peak MiB | cause found |", "| --- " * 7 + "|", sep="\n")
    for name, held in costs.items():
        wall, cpu, peak = (statistics.median(each) for each in zip(*held, strict=True))
        lines = 120 if name == "short" else LINES
        size = os.path.getsize(logs[name]) / 1e6
        found = "yes" if _first(logs[name]) == WANTED else "no"
        print(f"| {name} | {lines:,} | {size:.1f} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {found} |")


def _places() -> dict[str, int]:
    return {"failure at the start": 20, "failure in the middle": LINES // 2, "failure at the end": LINES}


def _envcheck() -> str:
    return os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else bench.place("envcheck", "bin", "envcheck")


def _first(path: str) -> str:
    """Return the first cause that envcheck names."""
    import json

    ended = subprocess.run((_envcheck(), "explain", path, "--format", "json"), capture_output=True, check=True)
    causes = json.loads(ended.stdout)["causes"]
    return str(causes[0]["cause"]) if causes else ""


def _log(at: int, lines: int) -> str:
    """Write a log that fails after some of its lines, unless it is there, and return its path."""
    path = bench.place("logs", f"{lines}-{at}.log")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(islice(_noise(), at))
        file.write(FAILURE)
        file.writelines(islice(_noise(), lines - at))
    return path


def _noise() -> Iterator[str]:
    """Yield what a server and a training say all day: no two lines alike, warnings and survived errors among them."""
    number = 0
    while True:
        number += 1
        clock = f"2026-10-02 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02},{number % 1000:03}"
        loss, speed = 2.5 + number % 97 / 100, 41000 + number % 799
        yield f"{clock} INFO  trainer: step {number} loss {loss:.3f} lr 3e-05 tokens/s {speed}\n"
        if number % 50 == 0:
            yield f"{clock} WARNING loader: shard {number % 512} was slow, retrying ({number % 3} of 3)\n"
        if number % 5000 == 0:
            yield f"{clock} ERROR uploader: HTTP 503 for checkpoint {number}, will try again\n"


if __name__ == "__main__":
    main()
