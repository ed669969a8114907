"""What a log says of its environment: pasted reports, lists of packages, paths, and how the process ended."""

from __future__ import annotations

import pytest

from envcheck.failures import read
from envcheck.keys import format_key

COLLECT_ENV = """Collecting environment information...
PyTorch version: 2.1.0+cu121
Is debug build: False
CUDA used to build PyTorch: 12.1
ROCM used to build PyTorch: N/A

OS: Ubuntu 22.04.3 LTS (x86_64)
GCC version: (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0
Libc version: glibc-2.35

Python version: 3.10.12 (main, Jun 11 2023, 05:26:28) [GCC 11.4.0] (64-bit runtime)
Is CUDA available: True
CUDA runtime version: 12.1.105
GPU models and configuration: GPU 0: NVIDIA A100-SXM4-80GB
GPU 1: NVIDIA A100-SXM4-80GB

Nvidia driver version: 535.104.05
cuDNN version: Probably one of the following:
/usr/lib/x86_64-linux-gnu/libcudnn.so.8.9.2
[pip3] numpy==1.26.0
[conda] triton                    2.1.0                    pypi_0    pypi
vLLM Version: 0.5.3.post1
"""
SMI = """+---------------------------------------------------------------------------------------+
| NVIDIA-SMI 535.104.05             Driver Version: 535.104.05   CUDA Version: 12.2     |
|-----------------------------------------+----------------------+----------------------+
|   0  NVIDIA A100-SXM4-80GB          On  | 00000000:07:00.0 Off |                    0 |
| N/A   31C    P0              62W / 400W |      4MiB / 81920MiB |      0%      Default |
"""


def told(log: str) -> dict[str, object]:
    return {format_key(fact.entity, fact.attribute): fact.value for fact in read(log.encode(), "log").environment}


def test_a_collect_env_report_becomes_facts() -> None:
    assert told(COLLECT_ENV) == {
        "package/torch#version": "2.1.0+cu121",
        "package/torch#cuda": "12.1",
        "package/numpy#version": "1.26.0",
        "package/triton#version": "2.1.0",
        "package/vllm#version": "0.5.3.post1",
        "host#os_name": "Ubuntu 22.04.3 LTS",
        "host#arch": "x86_64",
        "host#glibc": "2.35",
        "python#version": "3.10.12",
        "cuda#toolkit": "12.1",
        "cuda#driver": "535.104.05",
        "cudnn#version": "8.9.2",
        "gpu/0#name": "NVIDIA A100-SXM4-80GB",
        "gpu/1#name": "NVIDIA A100-SXM4-80GB",
    }


def test_the_driver_s_tool_tells_driver_gpu_and_memory() -> None:
    found = told(SMI)
    assert found == {"cuda#driver": "535.104.05", "gpu/0#name": "NVIDIA A100-SXM4-80GB", "gpu/0#memory": 81920 << 20}


@pytest.mark.parametrize(
    "log",
    [
        "Package      Version\n------------ -------\nnumpy        1.26.4\ntorch        2.4.0+cu121\n",
        "numpy==1.26.4\ntorch==2.4.0+cu121\nrequests==2.32.0\n",
        "# Name    Version\nnumpy    1.26.4    py310_0    conda-forge\ntorch    2.4.0+cu121    pypi_0    pypi\n",
        "Successfully installed numpy-1.26.4 torch-2.4.0+cu121\n",
        "- `numpy` version: 1.26.4\n- PyTorch version (GPU?): 2.4.0+cu121 (True)\n- `torch` version: 2.4.0+cu121\n",
        "a 1 requires numpy<2, but you have numpy 1.26.4 which is incompatible.\nbut you have torch 2.4.0+cu121",
    ],
    ids=["pip list", "pip freeze", "conda list", "pip install", "transformers-cli", "pip conflict"],
)
def test_lists_of_packages_become_facts(log: str) -> None:
    found = told(log)
    assert (found["package/numpy#version"], found["package/torch#version"]) == ("1.26.4", "2.4.0+cu121")


def test_each_fact_names_its_line() -> None:
    (fact,) = read(b"one\nNvidia driver version: 535.104.05\n", "train.log").environment
    assert fact.origin == "train.log:2"


@pytest.mark.parametrize(
    ("log", "version"),
    [
        ('  File "/usr/lib/python3.12/x.py", line 1, in f', "3.12"),
        ("ImportError: a.cpython-310-x86_64-linux-gnu.so: no", "3.10"),
        ('  File "C:\\Users\\me\\Python311\\Lib\\x.py", line 1, in f', "3.11"),
        ("/usr/lib/python3.12/x.py and /usr/lib/python3.10/x.py", None),
        ("python 3 is here", None),
    ],
)
def test_the_python_of_all_paths_is_the_python(log: str, version: str | None) -> None:
    assert told(log).get("python#version") == version


@pytest.mark.parametrize(
    ("log", "about"),
    [
        ("container exited with code 137", {"exit_code": 137, "signal": "SIGKILL"}),
        ("./run.sh: line 3:  12 Illegal instruction     (core dumped) ./app", {"signal": "SIGILL", "platform": None}),
        ("exit status 1", {"exit_code": 1, "signal": None}),
        ("OSError: [WinError 126] no", {"platform": "win32"}),
        ("dlopen(/Users/me/x.dylib): no", {"platform": "darwin"}),
        ("/usr/lib/libx.so: no", {"platform": "linux"}),
        ("all is well", {"platform": None, "exit_code": None, "signal": None}),
    ],
)
def test_how_it_ended_and_where_is_told(log: str, about: dict[str, object]) -> None:
    facts = read(log.encode(), "log").about
    assert {name: facts.value(("log",), name) for name in about} == about


def test_prose_is_no_list_of_packages() -> None:
    assert told("Package Version\n\nI have tried 3 things and 2 of them failed\nfoo is 1.0\n") == {}
