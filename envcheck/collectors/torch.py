"""How the installed torch was built, read from its files, and the libraries that CUDA wheels bundle."""

from __future__ import annotations

from envcheck.binaries import elf_sections
from envcheck.collectors._kernel import unreadable
from envcheck.keys import format_entity, format_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.model.facts import Entity
    from envcheck.targets.files import Files
    from envcheck.targets.target import Target

_BUILD = ("cuda", "hip", "git", "debug", "cxx11_abi", "variant", "architectures")
COVERS = (*(f"package#{attribute}" for attribute in _BUILD), "package#libraries")
PLATFORMS = ()

_TORCH: Entity = ("package", "torch")
_RECORD_LIMIT = 16 << 20  # bytes; the largest RECORD of an nvidia wheel has some hundred KiB

# The constructor of c10::Error takes a std::string, so its name tells which one: Ss is the old ABI's
# (https://gcc.gnu.org/onlinedocs/libstdc++/manual/using_dual_abi.html).
_OLD_ABI = b"_ZN3c105ErrorC2ENS_14SourceLocationESs\0"
_NEW_ABI = b"_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_string"


def collect(target: Target, into: Collection) -> None:
    """Describe the torch and the nvidia wheels that import would find."""
    if target.layout is None:
        into.skip(COVERS, target.layout_problem)
        return
    for site in target.layout.site_directories:
        if target.files.exists(f"{site}/torch/version.py"):
            _torch(target.files, f"{site}/torch", into)
            break
    for name in ("torchvision", "torchaudio"):
        for site in target.layout.site_directories:
            if target.files.exists(f"{site}/{name}/version.py"):
                _companion(target, f"{site}/{name}", ("package", name), into)
                break
    seen: set[str] = set()
    for site in target.layout.site_directories:
        _nvidia_wheels(target.files, site, seen, into)


def _torch(files: Files, folder: str, into: Collection) -> None:
    path = f"{folder}/version.py"
    try:
        stated = _assignments(files.text(path) or "")
        problem = "" if "__version__" in stated else f"{path} is not as torch writes it"
    except OSError as error:
        stated, problem = {}, unreadable(path, error)
    if problem:
        for attribute in _BUILD:
            into.gap(format_key(_TORCH, attribute), problem)
        return
    variant = next((name for name, key in _VARIANTS if stated.get(key)), "cpu")
    into.put(
        _TORCH,
        path,
        cuda=stated.get("cuda") or None,
        hip=stated.get("hip") or None,
        git=stated.get("git_version") or None,
        debug={"True": True, "False": False}.get(stated.get("debug", "")),
        variant=variant,
    )
    _abi(files, folder, into)
    if variant in ("cuda", "rocm"):
        _architectures(files, f"{folder}/lib/libtorch_python.so", into)
        _bundled(files, f"{folder}/lib", into)


_VARIANTS = (("cuda", "cuda"), ("rocm", "hip"), ("xpu", "xpu"))


def _companion(target: Target, folder: str, package: Entity, into: Collection) -> None:
    """Record the build of torchvision or torchaudio, which version.py tells where the metadata of the wheel does not.

    The wheels of pypi.org are `0.21.0` by their metadata and `0.21.0+cu124` by version.py.
    """
    path = f"{folder}/version.py"
    try:
        label = _assignments(target.files.text(path) or "").get("__version__", "").partition("+")[2]
        if label.startswith("cu") and label[2:].isdecimal() and len(label) > len("cu9"):
            into.put(package, path, cuda=f"{label[2:-1]}.{label[-1]}", variant="cuda")
        elif label.startswith("rocm"):
            into.put(package, path, hip=label.removeprefix("rocm") or None, variant="rocm")
        elif label in ("cpu", "xpu"):
            into.put(package, path, variant=label)
        else:
            _linked(target, folder, package, into)
    except (OSError, ValueError) as error:
        for attribute in ("cuda", "variant"):
            into.gap(format_key(package, attribute), unreadable(folder, error))


def _linked(target: Target, folder: str, package: Entity, into: Collection) -> None:
    """Record the build without a label (Linux on ARM, macOS, distributions) by what the operators are linked with."""
    name = next((name for name in target.files.names(folder) if name.startswith("_C.") and name.endswith(".so")), "")
    path = f"{folder}/{name}"
    if not name:
        raise ValueError("version.py does not tell the build, and there is no library that does")
    if target.platform == "darwin":  # there is no CUDA for macOS: https://developer.nvidia.com/cuda-toolkit-archive
        into.put(package, path, variant="cpu")
        return
    needs = elf_sections.read_file(target.files, path, ".dynstr")
    variant = "cuda" if b"\0libtorch_cuda.so\0" in needs else "rocm" if b"\0libtorch_hip.so\0" in needs else "cpu"
    into.put(package, path, variant=variant)
    if variant == "cuda":
        into.gap(format_key(package, "cuda"), f"{folder}/version.py does not tell it")


def _assignments(text: str) -> dict[str, str]:
    """Return the module's assignments, unquoted, an empty text for None.

    The forms are `cuda = '11.3'` (torch 1.x) and `cuda: Optional[str] = '12.1'` (2.x).
    """
    stated = {}
    for line in text.splitlines():
        target, equals, value = line.partition(" = ")
        name = target.partition(":")[0].strip()
        if equals and name.isidentifier() and not line[0].isspace():
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
            stated[name] = value[1:-1] if quoted else "" if value == "None" else value
    return stated


def _abi(files: Files, folder: str, into: Collection) -> None:
    """Record the C++ ABI: as the CMake package states it (until torch 2.7), else as a library's symbols show it."""
    path = f"{folder}/share/cmake/Torch/TorchConfig.cmake"
    try:
        _, found, rest = (files.text(path) or "").partition("_GLIBCXX_USE_CXX11_ABI=")
        if found and rest[:1] in ("0", "1"):
            into.put(_TORCH, path, cxx11_abi=rest[0] == "1")
            return
        path = f"{folder}/lib/libc10.so"
        symbols = elf_sections.read_file(files, path, ".dynstr")
    except (OSError, ValueError) as error:
        into.gap(format_key(_TORCH, "cxx11_abi"), unreadable(path, error))
        return
    if (old := _OLD_ABI in symbols) or _NEW_ABI in symbols:
        into.put(_TORCH, path, cxx11_abi=not old)
    else:
        into.gap(format_key(_TORCH, "cxx11_abi"), f"{path} does not show it")


def _architectures(files: Files, path: str, into: Collection) -> None:
    """Record the GPU targets, a text among the library's constants (1 MiB) that torch.cuda.get_arch_list() returns."""
    try:
        constants = elf_sections.read_file(files, path, ".rodata")
    except (OSError, ValueError) as error:
        into.gap(format_key(_TORCH, "architectures"), unreadable(path, error))
        return
    for start in (b"\0sm_", b"\0compute_", b"\0gfx"):
        found = constants.find(start)
        while found >= 0:
            flags = constants[found + 1 : constants.find(b"\0", found + 1)].decode("ascii", "replace").split()
            if targets := _targets(flags):
                into.put(_TORCH, path, architectures=targets)
                return
            found = constants.find(start, found + 1)
    into.gap(format_key(_TORCH, "architectures"), f"{path} does not hold the list of its GPU targets")


def _targets(flags: list[str]) -> tuple[str, ...]:
    """Return the flags in the notation of TORCH_CUDA_ARCH_LIST, empty if one is no flag.

    `sm_80` is 8.0, `sm_90a` 9.0a, and `sm_120 compute_120` 12.0+PTX. PTX without its machine code keeps the flag's own
    form, `compute_120`; AMD's targets are as they are.
    """
    found = []
    for flag in flags:
        kind, underscore, number = flag.partition("_")
        digits = number.rstrip("af")
        if kind in ("sm", "compute") and digits.isdecimal() and len(digits) > 1:
            if kind == "sm":
                found.append(f"{digits[:-1]}.{digits[-1]}{number[len(digits) :]}")
            elif f"sm_{number}" not in flags:
                found.append(flag)
        elif not (flag.startswith("gfx") and len(flag) > len("gfx") and not underscore):
            return ()
    return tuple(
        f"{name}+PTX" if f"compute_{name.replace('.', '')}" in flags else name
        for name in found or [flag for flag in flags if flag.startswith("gfx")]
    )


def _bundled(files: Files, folder: str, into: Collection) -> None:
    try:
        names = files.names(folder)
    except OSError as error:
        into.gap(format_key(_TORCH, "libraries"), unreadable(folder, error))
        return
    into.put(_TORCH, folder, libraries=tuple(name for name in names if ".so" in name))


def _nvidia_wheels(files: Files, site: str, seen: set[str], into: Collection) -> None:
    """Record the libraries of nvidia-* wheels: what their RECORD names and what is really there."""
    if not files.is_dir(f"{site}/nvidia"):
        return
    try:
        names = files.names(site)
    except OSError as error:
        into.gap("package#libraries", unreadable(site, error))
        return
    present: dict[str, set[str]] = {}
    for name in names:
        if not (name.startswith("nvidia_") and name.endswith(".dist-info")):
            continue
        package = name.partition("-")[0].lower().replace("_", "-")
        if package not in seen:
            seen.add(package)
            _libraries(files, site, f"{site}/{name}/RECORD", ("package", package), present, into)


def _libraries(
    files: Files, site: str, path: str, package: Entity, present: dict[str, set[str]], into: Collection
) -> None:
    try:
        lines = files.read(path, _RECORD_LIMIT).decode("utf-8", "replace").splitlines()
    except OSError as error:
        into.gap(f"{format_entity(package)}#libraries", unreadable(path, error))
        return
    libraries = []
    for line in lines:
        folder, _, name = line.partition(",")[0].rpartition("/")
        if ".so" not in name or not folder.startswith("nvidia/"):
            continue
        if folder not in present:
            present[folder] = _names(files, f"{site}/{folder}")
        if name in present[folder]:
            libraries.append(name)
    if libraries:
        into.put(package, path, libraries=tuple(sorted(libraries)))


def _names(files: Files, folder: str) -> set[str]:
    try:
        return set(files.names(folder))
    except OSError:
        return set()
