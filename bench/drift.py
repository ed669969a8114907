"""Times drift of 2 and of 30 snapshots of one environment as whole processes, beside deepdiff on the same two files.

.venv/bin/python bench/drift.py   (after `python3 make.py bench`, which makes the environment and installs envcheck)
"""

from __future__ import annotations

import json
import os
import random
import statistics

import bench

FLEET = 30
CHANGED = 0.02  # of the distributions of each host have another version than the others
ROUNDS = 9


def main() -> None:
    """Make the snapshots, time every call in turn and print the medians."""
    paths = _snapshots()
    envcheck = bench.place("envcheck", "bin", "envcheck")
    if not os.path.isfile(bench.place("tools", "bin", "deep")):
        bench.do(bench.python("tools"), "-m", "pip", "install", "--quiet", "deepdiff[cli]")
    calls = {
        "envcheck drift, 2 snapshots": (envcheck, "drift", *paths[:2]),
        f"envcheck drift, {FLEET} snapshots": (envcheck, "drift", *paths),
        "deep diff, 2 snapshots": (bench.place("tools", "bin", "deep"), "diff", *paths[:2]),
    }
    costs: dict[str, list[bench.Cost]] = {label: [] for label in calls}
    for number in range(ROUNDS + 1):
        for label, words in calls.items():
            cost = bench.spend(words)
            if number:
                costs[label].append(cost)
    for label, held in costs.items():
        wall, cpu, peak = (statistics.median(each) for each in zip(*held, strict=True))
        print(f"{label}: {wall * 1000:.0f} ms, cpu {cpu * 1000:.0f} ms, peak {peak:.0f} MiB")


def _snapshots() -> list[str]:
    folder = bench.place("fleet")
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, "base.json")
    bench.do(bench.place("envcheck", "bin", "envcheck"), "snapshot", f"python:{bench.place('ml')}", "-o", base)
    with open(base, encoding="utf-8") as file:
        text = file.read()
    paths = []
    for number in range(FLEET):
        chance = random.Random(number)  # noqa: S311  the same fleet in every run
        snapshot = json.loads(text)
        snapshot["label"] = f"gpu-{number}"
        for record in snapshot["facts"]:
            if record["entity"].startswith("package/") and "version" in record["facts"] and chance.random() < CHANGED:
                record["facts"]["version"] += ".post1"
        paths.append(os.path.join(folder, f"gpu-{number}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump(snapshot, file)
    return paths


if __name__ == "__main__":
    main()
