"""The published schema of explanations is current, accepts what is really said, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from envcheck.explanations import explanation_schema
from tests.environments import make_venv
from tests.failures.answering import CHECKOUT
from tests.program import envcheck

PUBLISHED = CHECKOUT / "docs" / "explanation.schema.json"
LOGS = {
    "nothing": "",
    "no idea": "ZebraError: stripes are not aligned\n",
    "a traceback": (
        'Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\n    import yaml\n'
        "ModuleNotFoundError: No module named 'yaml'\n"
    ),
    "an exit": "PyTorch version: 2.4.0+cu121\nPython version: 3.10.2 (64-bit runtime)\nKilled\nexit code 137\n",
    "many kinds": (
        "terminate called after throwing an instance of 'c10::Error'\n  what():  no\nAborted (core dumped)\n"
        "panic: no\nerror: subprocess-exited-with-error\n./app: error while loading shared libraries: libx.so.1: "
        "cannot open shared object file: No such file or directory\n"
        "AssertionError: Torch not compiled with CUDA enabled\n"
        "C:\\x>python a.py\n"
    ),
}


def schema() -> Any:
    return json.loads(PUBLISHED.read_text("utf-8"))


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text("utf-8") == explanation_schema()
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
@pytest.mark.parametrize("where", ["nowhere", "in an environment"])
def test_it_accepts_what_is_said(tmp_path: Path, log: str, where: str) -> None:
    (tmp_path / "a.log").write_text(log)
    prefix = make_venv(tmp_path / "venv", {"torch": "2.4.0", "numpy": "2.1.0"})
    target = [] if where == "nowhere" else ["--target", f"python:{prefix}"]
    ended = envcheck("explain", "a.log", "--format", "json", *target, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    jsonschema.validate(told, schema())
    assert _unnamed(told, schema(), schema()) == set()


def _unnamed(told: Any, shape: Any, root: Any) -> set[str]:
    """Return the fields of a document that its schema does not name."""
    shape = root["$defs"][shape["$ref"].rpartition("/")[2]] if "$ref" in shape else shape
    if isinstance(told, list):
        return {name for one in told for name in _unnamed(one, shape.get("items", {}), root)}
    if not isinstance(told, dict):
        return set()
    held: dict[str, Any] = shape.get("properties", {})
    return {str(name) for name in told if name not in held} | {
        name for key, value in told.items() if key in held for name in _unnamed(value, held[key], root)
    }


@pytest.mark.parametrize("field", ["causes", "understood", "log", "schema"])
def test_it_refuses_what_lacks_a_field(tmp_path: Path, field: str) -> None:
    (tmp_path / "a.log").write_text(LOGS["a traceback"])
    told = json.loads(envcheck("explain", "a.log", "--format", "json", cwd=tmp_path).stdout)
    del told[field]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, schema())
