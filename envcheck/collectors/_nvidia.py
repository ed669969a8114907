"""Asks NVIDIA's driver, in a child process, for what no file tells: memory, compute capability, modes."""

from __future__ import annotations

import os
import sys

from envcheck.targets import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.model.facts import Entity, Value
    from envcheck.targets.files import Files

    # PCI address (`-` for the driver itself) to what was said of it.
    Answers = dict[str, dict[str, str]]

TIME_LIMIT = 3.0  # seconds; waking a GPU without persistence mode takes one to two
_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_nvml.py")
# Where drivers, WSL and container images put it; not searched on PATH, so that nothing else of the name is started.
_SMI = ("/usr/bin/nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi", "/usr/local/nvidia/bin/nvidia-smi")
_SMI_FIELDS = {
    "driver_version": "driver",
    "name": "name",
    "memory.total": "memory",
    "mig.mode.current": "mig",
    "persistence_mode": "persistence",
    "ecc.mode.current": "ecc",
    "compute_cap": "compute_capability",  # last: drivers before 510 do not know it and refuse the whole query
}
_SWITCHES = {"1": True, "0": False, "Enabled": True, "Disabled": False}
_MIB = 1 << 20


def ask(files: Files, numbers: dict[str, int], into: Collection) -> str:
    """Put what the driver says on the GPUs; return why it said nothing, or an empty text.

    `numbers` maps the PCI addresses that are known to the numbers of their GPUs; an unknown one gets the next number.
    """
    asked: list[children.Ended] = []
    answers, origin, problem = _from_nvml(asked)
    if not answers and not problem.startswith("no answer"):
        answers, origin, problem = _from_smi(files, problem, asked)
    into.put(("cuda",), origin, query_seconds=round(sum(ended.seconds for ended in asked), 3))
    for pci, said in answers.items():
        if pci == "-":
            if into.facts.value(("cuda",), "driver") is None and "driver" in said:
                into.put(("cuda",), origin, driver=said["driver"])
                into.coverage.pop("cuda#driver", None)
            continue
        number = numbers.setdefault(pci, len(numbers))
        values = {key: value for key, text in said.items() if (value := _value(key, text)) is not None}
        source = "driver" if "compute_capability" in values else None
        into.put(_gpu(number), origin, vendor="nvidia", pci=pci, capability_source=source, **values)
    return problem


def _gpu(number: int) -> Entity:
    return ("gpu", str(number))


def _value(attribute: str, text: str) -> Value | None:
    """Return a value as the registry types it, None for what the driver does not support (`[N/A]`)."""
    if text.startswith("[") or not text or text == "N/A":
        return None
    if attribute == "memory":
        return int(text) if text.isdecimal() else None
    if attribute in ("mig", "persistence", "ecc"):
        return _SWITCHES.get(text)
    return text


def _from_nvml(asked: list[children.Ended]) -> tuple[Answers, str, str]:
    origin = "command: NVML"
    if not sys.executable:
        return {}, origin, "there is no Python to ask NVML with"
    ended = children.run([sys.executable, "-I", _PROGRAM], timeout=TIME_LIMIT)
    asked.append(ended)
    if ended.code != 0:
        return {}, origin, _problem("NVML", ended)
    answers: Answers = {}
    for line in ended.out.splitlines():
        words = line.split("\t")
        if len(words) == 3 and words[1] in _SMI_FIELDS.values():  # noqa: PLR2004  anything else is not from our program
            answers.setdefault(words[0], {})[words[1]] = words[2]
    return answers, origin, ""


def _from_smi(files: Files, before: str, asked: list[children.Ended]) -> tuple[Answers, str, str]:
    program = next((path for path in _SMI if files.exists(path)), "")
    origin = f"command: {program}"
    if not program:
        return {}, "command: NVML", f"{before}; there is no nvidia-smi"
    fields = list(_SMI_FIELDS)
    ended = _query(program, fields)
    asked.append(ended)
    if ended.code not in (0, None) and "compute_cap" in ended.out + ended.err:
        fields.remove("compute_cap")
        ended = _query(program, fields)
        asked.append(ended)
    if ended.code != 0:
        return {}, origin, f"{before}; {_problem('nvidia-smi', ended)}"
    answers: Answers = {}
    for line in ended.out.splitlines():
        bus, *cells = (cell.strip() for cell in line.split(","))
        if len(cells) != len(fields):
            continue
        said = {_SMI_FIELDS[field]: cell for field, cell in zip(fields, cells, strict=True)}
        answers["-"] = {"driver": said.pop("driver")}
        said["memory"] = str(int(said["memory"]) * _MIB) if said["memory"].isdecimal() else ""
        answers[bus.lower()[-len("0000:00:00.0") :]] = said
    return answers, origin, "" if answers else f"{before}; nvidia-smi lists no GPU"


def _query(program: str, fields: list[str]) -> children.Ended:
    query = f"--query-gpu=pci.bus_id,{','.join(fields)}"
    return children.run([program, query, "--format=csv,noheader,nounits"], timeout=TIME_LIMIT)


def _problem(who: str, ended: children.Ended) -> str:
    if ended.code is None:
        return f"no answer from {who}: {ended.err.strip().splitlines()[-1]}"
    said = (ended.err or ended.out).strip().splitlines()
    return f"{who}: {said[-1] if said else f'exit code {ended.code}'}"
