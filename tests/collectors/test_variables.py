"""Only variables of the allow-list leave, and no secret in the clear."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envcheck.collectors import Collection, variables
from envcheck.model.facts import NOT_COLLECTED
from envcheck.secrets import HIDDEN
from envcheck.targets.files import RootedFiles
from envcheck.targets.target import Target


def collected(environ: dict[str, str] | None, root: Path, **changes: Any) -> Collection:
    into = Collection()
    fields: dict[str, Any] = {
        "label": "fixture",
        "address": "root:x",
        "chosen": "a fixture",
        "files": RootedFiles(str(root)),
        "layout": None,
        "environ": environ,
    }
    variables.collect(Target(**(fields | changes)), into)
    return into


def names(into: Collection) -> set[str]:
    return {entity[1] for entity in into.facts.entities("env")}


@pytest.mark.parametrize(
    "name",
    [
        *("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "NCCL_DEBUG", "TORCH_HOME", "TORCHINDUCTOR_CACHE_DIR"),
        *("PYTORCH_CUDA_ALLOC_CONF", "HF_HOME", "TRANSFORMERS_CACHE", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONPATH"),
        *("VIRTUAL_ENV", "CONDA_PREFIX", "OMP_NUM_THREADS", "MKL_THREADING_LAYER", "KMP_DUPLICATE_LIB_OK"),
        *("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION", "TF_CPP_MIN_LOG_LEVEL"),
        *("XLA_FLAGS", "JAX_PLATFORMS", "KUBERNETES_SERVICE_HOST", "LIBGL_ALWAYS_SOFTWARE", "GALLIUM_DRIVER"),
        *("MESA_LOADER_DRIVER_OVERRIDE", "VK_ICD_FILENAMES", "TMPDIR", "XDG_CACHE_HOME", "PATH", "LANG", "LC_ALL"),
    ],
)
def test_variables_of_the_list_are_recorded_as_they_are(tmp_path: Path, name: str) -> None:
    into = collected({name: "/some/value:1"}, tmp_path)
    assert into.facts.get(("env", name), "value") == ("/some/value:1", "environment")


@pytest.mark.parametrize(
    "name",
    [
        *("AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "GITHUB_TOKEN", "USER", "SSH_AUTH_SOCK", "OPENAI_API_KEY", "PS1"),
        *("TF_VAR_db_password", "TF_TOKEN_app_terraform_io", "TF_CLI_ARGS", "ENVCHECK_KEY", "MYCUDA_X", "cuda_visible"),
    ],
)
def test_nothing_else_leaves(tmp_path: Path, name: str) -> None:
    into = collected({name: "value", "LANG": "C"}, tmp_path)
    assert names(into) == {"LANG"}


def test_secrets_become_keyed_hashes(tmp_path: Path) -> None:
    environ = {"HF_TOKEN": "hf_abc", "HF_ENDPOINT": "https://u:pw@hub.example", "NVIDIA_API_KEY": "nv"}
    hidden = collected(environ, tmp_path).facts
    assert {fact.value for fact in hidden} == {HIDDEN}
    hashed = collected(environ | {"ENVCHECK_KEY": "k"}, tmp_path).facts
    assert all(str(fact.value).startswith("hmac-sha256:") for fact in hashed)
    assert len({fact.value for fact in hashed}) == 3


def test_the_key_of_the_project_folder_serves(tmp_path: Path) -> None:
    (tmp_path / ".envcheck.key").write_text("k")
    into = collected({"HF_TOKEN": "hf_abc"}, tmp_path, cwd="/")
    assert str(into.facts.value(("env", "HF_TOKEN"), "value")).startswith("hmac-sha256:")


def test_unknown_variables_are_a_gap_and_none_are_none(tmp_path: Path) -> None:
    assert collected(None, tmp_path).coverage["env"].status == NOT_COLLECTED
    empty = collected({}, tmp_path)
    assert not empty.coverage
    assert not len(empty.facts)


def test_values_that_are_no_utf8_are_kept(tmp_path: Path) -> None:
    assert collected({"PATH": "/\udcff"}, tmp_path).facts.value(("env", "PATH"), "value") == "/\udcff"


def test_it_is_light_to_import() -> None:
    root = str(Path(__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {root!r}); import envcheck.collectors.variables; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"re", "hashlib", "hmac", "json", "typing", "collections"} & set(out.split())
