"""Files that declare an environment: lock files, requirements, SBOMs, Dockerfiles; text in, records out.

There is one module a family of formats; it has `read(text)` (or one `read_<format>` a format), which returns
a Declaration and raises `envcheck.formats.tree.FormatError` for what is not in its format at all.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.locks.declaration import Declaration

# Format -> the module here that reads it, and its function.
FORMATS = {
    "requirements": ("requirements", "read"),
    "constraints": ("requirements", "read"),
    "pylock.toml": ("pylock", "read"),
    "uv.lock": ("uv", "read"),
    "poetry.lock": ("poetry", "read"),
    "Pipfile.lock": ("pipfile", "read"),
    "pyproject.toml": ("pyproject", "read"),
    "environment.yml": ("conda", "read_environment"),
    "conda-lock.yml": ("conda", "read_lock"),
    "conda explicit list": ("conda", "read_explicit"),
    "CycloneDX JSON": ("cyclonedx", "read"),
    "CycloneDX XML": ("cyclonedx_xml", "read"),
    "SPDX JSON": ("spdx", "read"),
    "SPDX tag-value": ("spdx", "read_tags"),
    "Dockerfile": ("dockerfile", "read"),
}


def read(text: str, format_: str) -> Declaration:
    """Return what a text in one of FORMATS declares; raises FormatError."""
    module, function = FORMATS[format_]
    declaration: Declaration = getattr(import_module(f"{__name__}.{module}"), function)(text)
    return declaration
