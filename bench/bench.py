"""Times envcheck beside its peers as whole processes, in turn (A B C A B C …), and prints medians as Markdown.

The environments (7 GB, mostly torch) and the peers are made once, in `$XDG_CACHE_HOME/envcheck-bench`.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import venv
from typing import NamedTuple

import synth

HERE = os.path.dirname(os.path.abspath(__file__))
PLACE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "envcheck-bench")
ROUNDS = 11
SYNTHETIC = 2000
SMALL = ("fastapi", "uvicorn", "jupyter")
ENVIRONMENTS = ("small", "ml", "synth")


class Cost(NamedTuple):
    """What one process took: seconds by the clock, seconds of processor time, MiB at its peak."""

    wall: float
    cpu: float
    peak: float


def place(*parts: str) -> str:
    """Return a path below the folder of everything that is kept."""
    return os.path.join(PLACE, *parts)


def python(environment: str) -> str:
    """Return the interpreter of an environment."""
    return place(environment, "bin", "python")


def prepare() -> None:
    """Make what is missing; envcheck itself is built and installed anew each time, as a user would have it."""
    os.makedirs(place("empty"), exist_ok=True)
    if not os.path.isfile(place("tools", "bin", "uv")):
        venv.create(place("tools"), with_pip=True)
        do(python("tools"), "-m", "pip", "install", "--quiet", "--upgrade", "pip", "uv")
    for name, wanted in {"ml": ("-r", os.path.join(HERE, "ml-requirements.txt")), "small": SMALL}.items():
        if not os.path.isfile(python(name)):
            venv.create(place(name), with_pip=True)
            do(place("tools", "bin", "uv"), *_into(name), "--compile-bytecode", *wanted)
    if not os.path.isfile(place("synth", "pyvenv.cfg")):
        venv.create(place("synth"), clear=True)
        synth.fill(_site("synth"), _site("ml"), SYNTHETIC)
    shutil.rmtree(place("wheel"), ignore_errors=True)
    do(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place("wheel"), os.path.dirname(HERE))
    if not os.path.isfile(python("envcheck")):
        venv.create(place("envcheck"))
    (wheel,) = os.listdir(place("wheel"))
    uv = place("tools", "bin", "uv")
    do(uv, *_into("envcheck"), "--compile-bytecode", "--reinstall-package", "envcheck-ml", place("wheel", wheel))


def _into(name: str) -> tuple[str, ...]:
    return ("pip", "install", "--quiet", "--python", python(name))


def _site(name: str) -> str:
    return place(name, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}", "site-packages")


def do(*words: str) -> None:
    """Print a command and run it; it must succeed."""
    print("$", *words, file=sys.stderr, flush=True)
    subprocess.run(words, check=True, stdout=sys.stderr)


def calls(name: str) -> dict[str, tuple[str, ...]]:
    """Return what is timed on an environment: what it is called in the table, and the command."""
    envcheck, uv = place("envcheck", "bin", "envcheck"), place("tools", "bin", "uv")
    target = f"python:{place(name)}"
    timed = {
        "envcheck check --quick": (envcheck, "check", target, "--quick"),
        "envcheck check --quick --no-cache": (envcheck, "check", target, "--quick", "--no-cache"),
        "envcheck check": (envcheck, "check", target),
        "envcheck snapshot": (envcheck, "snapshot", target),
        "uv pip check": (uv, "pip", "check", "--python", python(name)),
        "pip check": (python("tools"), "-m", "pip", "--python", python(name), "check"),
        "python -c pass": (python("envcheck"), "-c", "pass"),
    }
    if name == "ml":
        timed["python -m torch.utils.collect_env"] = (python("ml"), "-m", "torch.utils.collect_env")
    return timed


def spend(words: tuple[str, ...]) -> Cost:
    """Run a command in an empty folder and return its cost; raises RuntimeError when it did not do its work."""
    environ = {"PATH": os.environ["PATH"], "HOME": os.path.expanduser("~"), "XDG_CACHE_HOME": place("cache")}
    start = time.perf_counter()
    child = subprocess.Popen(
        words, cwd=place("empty"), env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):  # 1: there are findings, or broken requirements
        raise RuntimeError(f"{' '.join(words)} ended with {child.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 2**20)


def measure(name: str) -> dict[str, Cost]:
    """Return the medians of every call on an environment, the first round left out: it warms all caches."""
    timed = calls(name)
    costs: dict[str, list[Cost]] = {label: [] for label in timed}
    for number in range(ROUNDS + 1):
        print(f"{name}: round {number} of {ROUNDS}", file=sys.stderr)
        for label, words in timed.items():
            cost = spend(words)
            if number:
                costs[label].append(cost)
    return {
        label: Cost(*(statistics.median(each) for each in zip(*held, strict=True))) for label, held in costs.items()
    }


def table(results: dict[str, dict[str, Cost]], counts: dict[str, int]) -> list[str]:
    """Return the figures as a table, wall and processor time in ms and the peak in MiB."""
    heads = [f"{name}, {counts[name]} distributions" for name in results]
    lines = [f"| wall ms / cpu ms / peak MiB | {' | '.join(heads)} |", f"| --- |{' --- |' * len(heads)}"]
    for label in dict.fromkeys(label for held in results.values() for label in held):
        cells = [_cell(held.get(label)) for held in results.values()]
        lines.append(f"| `{label}` | {' | '.join(cells)} |")
    return lines


def _cell(cost: Cost | None) -> str:
    return "" if cost is None else f"{cost.wall * 1000:.0f} / {cost.cpu * 1000:.0f} / {cost.peak:.0f}"


def goals(results: dict[str, dict[str, Cost]], counts: dict[str, int]) -> list[str]:
    """Return every goal with what was measured, by the clock."""
    ml, large = results["ml"], results["synth"]
    warm, fresh = ml["envcheck check --quick"].wall, ml["envcheck check --quick --no-cache"].wall
    uv, pip, torch = (ml[label].wall for label in ("uv pip check", "pip check", "python -m torch.utils.collect_env"))
    growth = large["envcheck check --quick --no-cache"].wall / fresh
    peak = max(cost.peak for held in results.values() for label, cost in held.items() if label.startswith("envcheck"))
    rows = (
        ("warm, in times of `uv pip check`", "at most 2", f"{warm / uv:.2f}"),
        ("`--no-cache`, in times of `uv pip check`", "at most 4", f"{fresh / uv:.2f}"),
        ("`pip check`, in times of warm", "at least 10", f"{pip / warm:.0f}"),
        ("`collect_env`, in times of warm", "at least 30", f"{torch / warm:.0f}"),
        ("peak of envcheck, MiB", "at most 60", f"{peak:.0f}"),
        (f"growth from ml to {counts['synth'] / counts['ml']:.1f} times as many", "linear", f"{growth:.1f}"),
    )
    return ["| goal, on ml | wanted | measured |", "| --- | --- | --- |", *(f"| {' | '.join(row)} |" for row in rows)]


def machine() -> str:
    """Return what the figures were taken on, in neutral words."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    uv, pip = (_said(place("tools", "bin", tool), "--version") for tool in ("uv", "pip"))
    return (
        f"{os.cpu_count()} cores, {model or platform.machine()}, Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, {uv}, {pip}; load {os.getloadavg()[0]:.1f} at the start; "
        f"medians of {ROUNDS} rounds."
    )


def _said(*words: str) -> str:
    """Return the first two words of what a program says of itself: its name and version."""
    return " ".join(subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[:2])


def main() -> None:
    """Prepare, measure, print."""
    prepare()
    about = machine()
    results = {name: measure(name) for name in ENVIRONMENTS}
    counts = {name: sum(entry.endswith(".dist-info") for entry in os.listdir(_site(name))) for name in ENVIRONMENTS}
    print(about, "", *table(results, counts), "", *goals(results, counts), sep="\n")


if __name__ == "__main__":
    main()
