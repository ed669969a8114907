from __future__ import annotations

import pytest

from envcheck.examples import describe
from envcheck.fixes.plan import plan
from envcheck.model.reports import Finding, Fix

VENV: dict[str, object] = {"python#executable": "/v/bin/python", "python#prefix": "/v"}


def planned(facts: dict[str, object], action: str, argument: str, text: str = "") -> Fix:
    return offered(facts, Fix(title="", commands=(), text=text, safety="safe", action=action, argument=argument))


def offered(facts: dict[str, object], fix: Fix) -> Fix:
    finding = Finding(
        rule="r",
        severity="error",
        cause="",
        subjects=(),
        summary="",
        message="",
        why="",
        evidence=(),
        fixes=(fix,),
        sources=(),
        fingerprint="",
        target="",
    )
    return plan(finding, describe(facts, ())).fixes[0]


@pytest.mark.parametrize(
    ("facts", "action", "argument", "command"),
    [
        (VENV, "install", "torch==2.4.0", "/v/bin/python -m pip install torch==2.4.0"),
        (VENV, "install", "torch<3", "/v/bin/python -m pip install 'torch<3'"),
        (VENV, "uninstall", "torch", "/v/bin/python -m pip uninstall -y torch"),
        ({**VENV, "python#manager": "uv"}, "install", "a==1 b==2", "uv pip install --python /v/bin/python a==1 b==2"),
        ({**VENV, "python#manager": "uv"}, "uninstall", "a", "uv pip uninstall --python /v/bin/python a"),
        ({**VENV, "python#manager": "conda", "conda/a": "0"}, "install", "a==1", "conda install -p /v a=1"),
        ({**VENV, "python#manager": "conda", "conda/a": "0"}, "uninstall", "a", "conda remove -p /v a"),
        ({**VENV, "python#manager": "conda"}, "install", "a==1", "/v/bin/python -m pip install a==1"),
        ({"python#executable": "/my env/bin/python"}, "install", "a==1", "'/my env/bin/python' -m pip install a==1"),
        ({"python#executable": "/it's/python"}, "uninstall", "a", "'/it'\"'\"'s/python' -m pip uninstall -y a"),
        ({}, "install", "a==1", "python -m pip install a==1"),
        ({}, "run", "nvidia-smi", "nvidia-smi"),
        ({}, "run", "pip install a", "pip install a"),
        (VENV, "run", "pip install -U 'a[b]'", "/v/bin/python -m pip install -U 'a[b]'"),
        (VENV, "run", "python -m pip install a", "/v/bin/python -m pip install a"),
        (VENV, "run", 'python -c "import a"', '/v/bin/python -c "import a"'),
        (VENV, "run", "python3 a.py", "/v/bin/python a.py"),
        (VENV, "run", "conda install pip", "conda install pip"),
        (VENV, "run", "echo pip install a; lsmod | grep python", "echo pip install a; lsmod | grep python"),
        (
            VENV,
            "run",
            "pip uninstall -y a b && pip install b",
            "/v/bin/python -m pip uninstall -y a b && /v/bin/python -m pip install b",
        ),
        (VENV, "run", 'A="-D B" C=1 pip install a', 'A="-D B" C=1 /v/bin/python -m pip install a'),
        ({"python#executable": "/my env/python"}, "run", "pip install a", "'/my env/python' -m pip install a"),
        ({"python#executable": "/a\\1/python"}, "run", "pip install a", "'/a\\1/python' -m pip install a"),
        (
            {**VENV, "python#manager": "uv"},
            "run",
            "pip uninstall -y a && pip install b",
            "uv pip uninstall --python /v/bin/python a && uv pip install --python /v/bin/python b",
        ),
    ],
)
def test_commands_are_those_of_the_environment(facts, action, argument, command):
    assert planned(facts, action, argument).commands == (command,)


def test_another_index_is_named_in_the_command():
    fix = Fix(title="", commands=(), text="", safety="safe", action="install", argument="a==1", index="https://x/cu1")
    assert offered(VENV, fix).commands == ("/v/bin/python -m pip install a==1 --index-url https://x/cu1",)
    uv = offered({**VENV, "python#manager": "uv"}, fix).commands
    assert uv == ("uv pip install --python /v/bin/python a==1 --index-url https://x/cu1",)


def test_instructions_have_no_command():
    fix = planned({}, "do", "Reboot.", "It takes a minute.")
    assert fix.commands == ()
    assert fix.text == "Reboot. It takes a minute."


def test_a_python_of_the_system_is_handled_with_care():
    assert "virtual environment" in planned({**VENV, "python#externally_managed": True}, "install", "a==1").text
