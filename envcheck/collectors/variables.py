"""Collects environment variables of an allow-list; nothing else of the environment leaves the process."""

from __future__ import annotations

from envcheck.model.facts import NOT_COLLECTED
from envcheck.secrets import project_key, protect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.target import Target

COVERS = ("env",)
PLATFORMS: tuple[str, ...] = ()

# What selects, tunes or breaks an accelerator, a framework, an interpreter, the dynamic loader or OpenGL.
_PREFIXES = (
    *("CUDA_", "CUDNN_", "NVIDIA_", "NCCL_", "GPU_", "TORCH", "PYTORCH_", "TRITON_", "VLLM_", "HF_", "TRANSFORMERS_"),
    *("PYTHON", "CONDA_", "OMP_", "GOMP_", "MKL_", "KMP_", "OPENBLAS_", "NUMBA_", "ROCM_", "ROCR_", "HIP_", "HSA_"),
    *("MIOPEN_", "TF_", "XLA_", "JAX_", "LIBGL_", "MESA_", "EGL_", "__GLX_", "__EGL_", "VK_", "LC_"),
)
# Terraform's variables and credentials: https://developer.hashicorp.com/terraform/cli/config/environment-variables
_EXCEPT = ("TF_VAR_", "TF_TOKEN_", "TF_CLI_")
_NAMES = frozenset(
    {
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "PATH", "VIRTUAL_ENV", "LANG", "LANGUAGE"),
        *("KUBERNETES_SERVICE_HOST", "WSL_DISTRO_NAME", "container", "TMPDIR", "TEMP", "TMP", "HOME"),
        *("XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "GALLIUM_DRIVER"),
        *("TOKENIZERS_PARALLELISM", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", "MAX_JOBS", "TCNN_CUDA_ARCHITECTURES"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)


def collect(target: Target, into: Collection) -> None:
    """Record the variables of the allow-list, secret values as keyed hashes."""
    environ = target.environ
    if environ is None:
        into.gap("env", "the variables of this environment are not known", status=NOT_COLLECTED)
        return
    wanted = [
        name for name in environ if name in _NAMES or (name.startswith(_PREFIXES) and not name.startswith(_EXCEPT))
    ]
    if target.variables:
        from fnmatch import fnmatchcase

        more = [name for name in environ if any(fnmatchcase(name, pattern) for pattern in target.variables)]
        wanted = list(dict.fromkeys([*wanted, *more]))
    if not wanted:
        return
    key = project_key(environ, target.files, target.cwd)
    for name in wanted:
        into.put(("env", name), "environment", value=protect(name, environ[name], key))
