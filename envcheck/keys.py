"""The registry of fact keys: every kind, its attributes, their types and meaning, and the one text form of a key."""

from __future__ import annotations

from envcheck.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    # (type, meaning, flags): flags are letters, v volatile, s sensitive, d derived, l local (where it lies or how it
    # came there, which no other environment shares). Volatile, derived and local facts are left out of drift.
    Attribute: TypeAlias = tuple[str, str, str]
    # (primary attribute, meaning, what the parts of the subject are, attributes); attribute "*" allows any name.
    Kind: TypeAlias = tuple[str, str, tuple[str, ...], dict[str, Attribute]]

# Types: text, version (keeps its text), path, list (of texts), bytes, count, number, bool.
KINDS: dict[str, Kind] = {
    "python": (
        "version",
        "the Python environment under inspection",
        (),
        {
            "version": ("version", "full version as far as known, 3.11 or 3.11.7", ""),
            "implementation": ("text", "cpython or pypy", ""),
            "abi": ("text", "ABI tag such as cp311 or cp313t", ""),
            "soabi": ("text", "the tag in extension file names, cpython-311-x86_64-linux-gnu", ""),
            "platform": ("text", "sys.platform of the environment", ""),
            "machine": ("text", "architecture of the interpreter", ""),
            "prefix": ("path", "sys.prefix", "l"),
            "base_prefix": ("path", "prefix of the Python that a virtual environment was made from", "l"),
            "base_present": ("bool", "whether that base is still there", ""),
            "executable": ("path", "the interpreter, as it would be started", "l"),
            "kind": ("text", "venv, conda or system", ""),
            "manager": ("text", "what installs here: pip, uv or conda", ""),
            "system_site": ("bool", "whether a virtual environment also sees its base's packages", ""),
            "externally_managed": ("bool", "whether installers are asked to keep out (PEP 668)", ""),
            "free_threaded": ("bool", "whether it is a build without the global interpreter lock", ""),
            "site_directories": ("list", "folders searched for packages, in import order", "l"),
            "user_site": ("path", "the user's own site directory where it is searched", "l"),
            "distributions": ("count", "how many distributions were found", "l"),
        },
    ),
    "pth": (
        "path",
        "a .pth file of a site directory",
        ("file name",),
        {
            "path": ("path", "the file", "l"),
            "adds": ("list", "folders that it adds to the search path", "l"),
            "missing": ("list", "folders that it names and that do not exist", ""),
            "imports": ("count", "lines that run code at start-up", ""),
        },
    ),
    "package": (
        "version",
        "a distribution, the copy that import would find",
        ("normalised name",),
        {
            "version": ("version", "installed version", ""),
            "name": ("text", "name as its metadata spells it", "l"),
            "requires": ("list", "its Requires-Dist lines, raw", ""),
            "requires_python": ("text", "its Requires-Python", ""),
            "extras": ("list", "extras that it provides", ""),
            "tags": ("list", "wheel tags", ""),
            "installer": ("text", "what installed it, from INSTALLER", "l"),
            "direct_url": ("text", "where it came from when not from an index (without credentials)", ""),
            "editable": ("path", "source folder of an editable installation", ""),
            "location": ("path", "the site directory that holds it", "l"),
            "modules": ("list", "top-level modules that it installs", ""),
            "entry_points": ("list", "group:name = target, as declared", ""),
            "record": ("bool", "whether a RECORD (or installed-files list) is present", "l"),
            "channel": ("text", "conda channel", ""),
            "build": ("text", "conda build string", ""),
            "replaced_conda": ("version", "version of the conda package whose files pip replaced", ""),
            "cuda": ("version", "CUDA version that it was built with (torch, torchvision, torchaudio)", ""),
            "hip": ("version", "HIP version that it was built with (torch, torchvision, torchaudio)", ""),
            "git": ("text", "source revision of the build (torch)", ""),
            "debug": ("bool", "debug build (torch)", ""),
            "cxx11_abi": ("bool", "built with the new C++ ABI (torch)", ""),
            "variant": ("text", "cpu, cuda, rocm or xpu (torch, torchvision, torchaudio)", ""),
            "architectures": ("list", "GPU targets compiled in, such as 8.0 or 12.0+PTX", ""),
            "libraries": ("list", "shared libraries that a CUDA wheel bundles", ""),
            "specifier": (
                "text",
                "the versions that a file asks for which does not pin one; with markers, `==1; marker | ==2; marker`",
                "",
            ),
            "markers": ("list", "environment markers of which one must hold for it to be needed", ""),
            "groups": ("list", "extras and groups that alone ask for it", ""),
            "hashes": ("list", "the hashes of its files that a lock accepts", ""),
        },
    ),
    "copy": (
        "version",
        "another installed copy of a distribution, behind the one that import finds",
        ("normalised name", "number"),
        {
            "version": ("version", "version of the hidden copy", ""),
            "location": ("path", "the site directory that holds it", "l"),
            "same_directory": ("bool", "whether it lies in the same site directory (a leftover)", ""),
        },
    ),
    "damaged": (
        "problem",
        "metadata of a distribution that cannot be read as it should",
        ("folder name",),
        {
            "problem": ("text", "what is wrong with it", ""),
            "path": ("path", "the folder or file", "l"),
            "name": ("text", "the distribution, as far as known", ""),
        },
    ),
    "conda": (
        "version",
        "a package that conda installed, Python or not",
        ("name",),
        {
            "version": ("version", "its version", ""),
            "build": ("text", "its build string", ""),
            "channel": ("text", "its channel", ""),
        },
    ),
    "system": (
        "version",
        "a package of the operating system's own package manager that a file declares",
        ("name",),
        {
            "version": ("version", "its version", ""),
            "specifier": ("text", "the versions that a file asks for which does not pin one", ""),
        },
    ),
    "image": (
        "tag",
        "a container image that a file builds upon or lists",
        ("name with registry, without tag",),
        {
            "tag": ("text", "its tag", ""),
            "digest": ("text", "its digest, sha256:…", ""),
            "platform": ("text", "the platform that is asked for, linux/amd64", ""),
        },
    ),
    "shadow": (
        "path",
        "a file of the working folder that hides a module of the same name",
        ("module",),
        {
            "path": ("path", "the file or folder", "l"),
            "hides": ("text", "stdlib, or the distribution whose module it hides", ""),
        },
    ),
    "requires": (
        "text",
        "a declared requirement that is not met, or cannot be decided",
        ("normalised name of who asks", "number"),
        {
            "text": ("text", "the requirement as declared", "d"),
            "asker": ("text", "who asks, with version", "d"),
            "name": ("text", "normalised name of what is asked for", "d"),
            "specifier": ("text", "the versions asked for", "d"),
            "installed": ("version", "the version found; absent when it is not installed", "d"),
            "satisfied": ("bool", "whether it is met; absent from the facts when undecided", "d"),
            "missing": ("bool", "whether nothing of that name is installed", "d"),
            "extra": ("text", "the extra that asks for it", "d"),
        },
    ),
    "misfit": (
        "reason",
        "a distribution whose wheel was made for another Python or platform; those that fit are not listed",
        ("normalised name",),
        {
            "reason": ("text", "python, platform, architecture, libc or glibc", "d"),
            "wants": ("text", "its wheel tags", "d"),
            "here": ("text", "what is here instead", "d"),
            "version": ("version", "its version", "d"),
        },
    ),
    "link": (
        "problem",
        "an import, or a use of what was imported, that must fail or may fail; those that hold are only counted",
        ("normalised name of the importing distribution, or project", "what is imported, dotted"),
        {
            "problem": (
                "text",
                "module, name, attribute, argument, argument-missing, syntax, raised, or binary (a compiled module)",
                "l",
            ),
            "module": ("text", "the module that is imported or used", "l"),
            "name": ("text", "the name that it lacks, or the compiler's message", "l"),
            "provider": ("text", "normalised name of the distribution it belongs to, stdlib, or project", "l"),
            "provider_version": ("version", "version of the provider", "l"),
            "provider_path": ("path", "the file that lacks the name", "l"),
            "version": ("version", "version of the importing distribution", "l"),
            "file": ("path", "where it is imported, as the traceback would show it", "l"),
            "line": ("count", "the line there", "l"),
            "places": ("count", "how many lines import it", "l"),
            "reach": (
                "text",
                "what fails: import (of a top-level module), entry-point, submodule, call, or nothing (guarded)",
                "l",
            ),
            "breaks": ("list", "top-level modules, entry points or functions that fail", "l"),
            "optional": ("bool", "whether what lacks is asked for by no requirement, or only by an extra", "l"),
            "removed_in": ("version", "the Python that no longer has a module of the standard library", "l"),
            "lost": ("path", "the file of the module, which the provider installed and which is gone", "l"),
            "shadows": ("text", "what the provider hides, where it is a file of the program's folder", "l"),
            "reason": ("text", "of a compiled module: why it cannot be loaded", "l"),
        },
    ),
    "binary": (
        "problem",
        "a compiled or generated file that was made for something else, or lacks what it needs",
        ("normalised name of the distribution", "problem", "what it wants"),
        {
            "problem": (
                "text",
                "what of it does not fit, from the file's format and machine to its libraries, symbols and numpy",
                "l",
            ),
            "wants": ("text", "what it was made for, or needs", "l"),
            "here": ("text", "what is here instead", "l"),
            "provider": ("text", "the distribution or file that the other side comes from", "l"),
            "provider_version": ("version", "version of that distribution", "l"),
            "version": ("version", "version of its own distribution", "l"),
            "path": ("path", "the file, the first of several", "l"),
            "files": ("count", "how many files have the problem", "l"),
            "chain": ("list", "the files from it to the one that has the problem", "l"),
            "proven": ("bool", "whether it cannot be loaded as it is", "l"),
            "reason": ("text", "why that is not proven", "l"),
            "reach": ("text", "import, submodule, loaded (by its own code), or none", "l"),
        },
    ),
    "file": (
        "problem",
        "an installed file that is not what the RECORD of its distribution says",
        ("normalised name of the distribution", "problem"),
        {
            "problem": ("text", "missing, size, hash or clobbered (another distribution's is there)", "l"),
            "path": ("path", "the file, the first of several", "l"),
            "files": ("count", "how many files have the problem", "l"),
            "expected": ("text", "size in bytes or hash as recorded", "l"),
            "found": ("text", "what it is", "l"),
            "native": ("bool", "whether it is a compiled file", "l"),
            "other": ("text", "the distribution whose content is there", "l"),
            "other_version": ("version", "its version", "l"),
            "version": ("version", "version of the distribution", "l"),
            "proven": ("bool", "whether it is certainly damage", "l"),
            "reason": ("text", "why that is not certain", "l"),
            "reach": ("text", "import where a module that is imported is the file, else none", "l"),
        },
    ),
    "links": (
        "imports",
        "counts over all that was linked",
        (),
        {
            "modules": ("count", "modules whose source was read", "l"),
            "imports": ("count", "imports and uses that must fail", "l"),
            "undetermined": ("count", "those that may fail", "l"),
            "binaries": ("count", "compiled files that were judged", "l"),
            "files": ("count", "installed files that are recorded", "l"),
        },
    ),
    "requirements": (
        "checked",
        "counts over all declared requirements",
        (),
        {
            "checked": ("count", "requirements that apply here", "d"),
            "unmet": ("count", "of these, not met", "d"),
            "undecided": ("count", "of these, not decided", "d"),
        },
    ),
    "module": (
        "owners",
        "a top-level module that more than one distribution installs",
        ("module",),
        {"owners": ("list", "distributions that install it", "d")},
    ),
    "cuda": (
        "driver",
        "the NVIDIA driver and what selects CUDA here",
        (),
        {
            "driver": ("version", "version of the loaded kernel module", ""),
            "driver_library": ("version", "version of the user-mode driver library libcuda", ""),
            "driver_library_path": ("path", "where libcuda lies", "l"),
            "driver_cuda": ("version", "newest CUDA that the driver runs natively", "d"),
            "toolkit": ("version", "the toolkit that CUDA_HOME or PATH selects", ""),
            "toolkit_path": ("path", "where that toolkit lies", "l"),
            "toolkit_selected_by": ("text", "CUDA_HOME, CUDA_PATH, PATH or /usr/local/cuda", ""),
            "compat": ("version", "driver version of an installed forward-compatibility package", ""),
            "compat_path": ("path", "where that package lies", "l"),
            "compat_active": ("bool", "whether the loader would prefer it", ""),
            "visible_devices": ("text", "CUDA_VISIBLE_DEVICES", ""),
            "wsl": ("bool", "whether the driver is the one of the Windows host", ""),
            "open_module": ("bool", "whether the kernel module is the open one", ""),
            "container_runtime": ("text", "the NVIDIA container runtime or hook that was found", ""),
            "query_seconds": ("number", "how long asking the driver took, in a child process", "v"),
        },
    ),
    "toolkit": (
        "version",
        "a CUDA toolkit on disk",
        ("path",),
        {"version": ("version", "its version", ""), "nvcc": ("bool", "whether it has a compiler", "")},
    ),
    "cudnn": (
        "version",
        "cuDNN outside of Python packages",
        (),
        {"version": ("version", "from its header or library name", ""), "path": ("path", "where it lies", "l")},
    ),
    "rocm": (
        "version",
        "an installed ROCm",
        (),
        {"version": ("version", "its version", ""), "path": ("path", "where it lies", "l")},
    ),
    "gpu": (
        "name",
        "a GPU, numbered as the driver does",
        ("number",),
        {
            "name": ("text", "marketing name", ""),
            "vendor": ("text", "nvidia, amd or intel", ""),
            "compute_capability": ("version", "8.0, as the driver says or by the name's row in the table", ""),
            "capability_source": ("text", "driver or table", ""),
            "gfx": ("text", "AMD target such as gfx942", ""),
            "memory": ("bytes", "memory", ""),
            "class": ("text", "datacenter, workstation, consumer or jetson", ""),
            "pci": ("text", "PCI address", "l"),
            "pci_id": ("text", "vendor and device id, 10de:2335", ""),
            "mig": ("bool", "whether it is split into instances", ""),
            "persistence": ("bool", "persistence mode", ""),
            "ecc": ("bool", "error correction", ""),
            "numa_node": ("count", "the NUMA node that it hangs on", ""),
            "driver_bound": ("text", "kernel driver that holds the device", ""),
            "torch_code": ("text", "native, ptx or none: the code that the installed torch has for it", "d"),
        },
    ),
    "device": (
        "mode",
        "a device node of an accelerator",
        ("path",),
        {
            "mode": ("text", "permissions, octal", ""),
            "group": ("text", "group that owns it", ""),
            "accessible": ("bool", "whether this user may read and write it", ""),
        },
    ),
    "host": (
        "os",
        "the machine and its operating system",
        (),
        {
            "os": ("text", "os-release ID, or macos, windows", ""),
            "os_version": ("version", "os-release VERSION_ID", ""),
            "os_name": ("text", "its pretty name", ""),
            "kernel": ("version", "kernel release", ""),
            "arch": ("text", "x86_64, aarch64 …", ""),
            "cpu": ("text", "model of the processor", ""),
            "cpu_flags": ("list", "instruction set features, as the kernel names them", ""),
            "cpus": ("count", "processors online", ""),
            "memory": ("bytes", "main memory", ""),
            "memory_available": ("bytes", "memory not in use", "v"),
            "libc": ("text", "glibc or musl", ""),
            "glibc": ("version", "version of glibc", ""),
            "musl": ("version", "version of musl", ""),
            "libstdcxx": ("path", "the system's libstdc++", "l"),
            "glibcxx": ("version", "newest GLIBCXX symbol version that it offers", ""),
            "cxxabi": ("version", "newest CXXABI symbol version that it offers", ""),
            "container": ("text", "docker, podman, kubernetes, lxc …", ""),
            "wsl": ("bool", "Windows Subsystem for Linux", ""),
            "shm": ("bytes", "size of /dev/shm", ""),
            "shm_free": ("bytes", "free space there", "v"),
            "numa_nodes": ("count", "NUMA nodes online", ""),
            "hugepages": ("count", "huge pages reserved", ""),
            "transparent_hugepages": ("text", "always, madvise or never", ""),
            "overcommit": ("count", "vm.overcommit_memory", ""),
            "max_map_count": ("count", "vm.max_map_count", ""),
            "library_path": ("list", "LD_LIBRARY_PATH", ""),
            "preload": ("list", "LD_PRELOAD", ""),
            "iommu_groups": ("count", "IOMMU groups; 0 when none is active", ""),
            "iommu_cmdline": ("list", "iommu and swiotlb options of the kernel command line", ""),
            "dma_engines": ("count", "DMA engine channels", ""),
            "dma_32bit": ("list", "PCI devices that reach only 4 GiB", ""),
            "user": ("count", "effective user id", "l"),
        },
    ),
    "limit": (
        "memory",
        "what the control group allows; the tightest of the hierarchy",
        (),
        {
            "version": ("text", "v1 or v2", ""),
            "memory": ("bytes", "memory limit; absent when unlimited", ""),
            "memory_high": ("bytes", "throttling limit", ""),
            "memory_used": ("bytes", "memory in use", "v"),
            "cpus": ("number", "processors' worth of time", ""),
            "pids": ("count", "processes", ""),
            "cpuset": ("text", "processors that may be used", ""),
            "oom_kills": ("count", "processes killed for memory", "v"),
            "open_files": ("count", "soft limit of open files of this process", ""),
            "locked_memory": ("bytes", "soft limit of locked memory of this process", ""),
        },
    ),
    "disk": (
        "free",
        "the file system under a place that packages or models use",
        ("site-packages, cache, huggingface, home or tmp",),
        {
            "path": ("path", "the place", "l"),
            "free": ("bytes", "space that this user can still write", "v"),
            "total": ("bytes", "size", ""),
            "inodes_free": ("count", "files that can still be made", "v"),
            "read_only": ("bool", "mounted read-only", ""),
            "type": ("text", "file system type", ""),
        },
    ),
    "library": (
        "path",
        "a shared library that the loader's cache offers (accelerators, C++, OpenMP, OpenGL, media, OpenSSL)",
        ("soname",),
        {"path": ("path", "the file", "l"), "version": ("version", "from the file's name, where it tells", "")},
    ),
    "dri": (
        "driver",
        "a direct rendering node",
        ("node",),
        {
            "driver": ("text", "kernel driver", ""),
            "pci_id": ("text", "vendor and device id", ""),
            "accessible": ("bool", "whether this user may open it", ""),
        },
    ),
    "env": (
        "value",
        "an environment variable of the allow-list",
        ("name",),
        {"value": ("text", "its value; a sensitive one as a keyed hash", "s")},
    ),
    "config": (
        "",
        "a configuration, by its logical name; every setting is an attribute",
        ("logical name",),
        {"*": ("text", "a setting: a text, a whole number or a boolean; a sensitive one as a keyed hash", "s")},
    ),
    "job": (
        "forge",
        "a job of the project's CI files (GitHub workflows, .gitlab-ci.yml)",
        ("file name", "job"),
        {
            "forge": ("text", "github, gitlab, or other where workflows run on a host of another name", "l"),
            "runners": ("list", "labels of the machines that it asks GitHub for, matrix values written out", "l"),
            "allowed_to_fail": ("bool", "whether the run passes although the job fails", "l"),
            "fail_fast": ("bool", "whether the first failing leg of its matrix cancels the others", "l"),
            "unused": ("list", "axes of its matrix that nothing in the job refers to", "l"),
        },
    ),
    "step": (
        "uses",
        "a step of such a job that uses an action or runs envcheck",
        ("file name", "job", "number"),
        {
            "uses": ("text", "the action and its version, as written", "l"),
            "action": ("text", "the repository of the action, owner/name", "l"),
            "major": ("text", "major version of the action, where its tag tells", "l"),
            "gate": ("text", "what it runs of envcheck that may fail: check, gate, drift or the action", "l"),
            "defeated_by": ("list", "what keeps the step from failing when envcheck does", "l"),
            "state": ("text", "current, deprecated or retired: the action's major at the time of collection", "d"),
            "since": ("text", "the day from which on it is deprecated or retired", "d"),
            "reason": ("text", "why, in words", "d"),
            "replacement": ("text", "the major to use instead", "d"),
        },
    ),
    "runner": (
        "state",
        "a label of a hosted GitHub machine that a job asks for and that has, or will have, no machine",
        ("file name", "job", "label"),
        {
            "state": ("text", "current, deprecated or retired at the time of collection", "d"),
            "retired_on": ("text", "the day of its retirement", "d"),
            "replacement": ("text", "the label to use instead", "d"),
        },
    ),
    "waiver": (
        "state",
        "a waiver of the project",
        ("what it accepts",),
        {
            "state": ("text", "applied, unused, expired, malformed or undecided (this run cannot tell)", ""),
            "rule": ("text", "the rule whose findings it accepts", ""),
            "scope": ("text", "what else must fit", ""),
            "reason": ("text", "why it was made", ""),
            "owner": ("text", "who answers for it", ""),
            "until": ("text", "the last day on which it holds", ""),
            "problem": ("text", "what is wrong with it, or why it accepts nothing", ""),
        },
    ),
    "change": (
        "verdict",
        "a key of which a drift policy speaks, over all compared environments",
        ("the key",),
        {
            "verdict": ("text", "consistent, inconsistent, type, missing, unlisted or undetermined", ""),
            "agrees": ("bool", "whether the environments that the policy compares have one value", ""),
            "as_expected": ("bool", "whether each has the value that the policy expects", ""),
            "values": ("list", "environment = value", ""),
            "missing": ("list", "environments that lack the key", ""),
            "unexpected": ("list", "environment = value, expected another", ""),
            "environments": ("list", "the environments that the policy compares", ""),
        },
    ),
    "contract": (
        "format",
        "a contract between programs: an API description, a schema, the shape of a payload",
        ("logical name",),
        {
            "format": ("text", "avro, graphql, jsonschema, openapi, payload or protobuf", ""),
            "document": ("text", "what it promises: sorted, without descriptions, examples and secrets", ""),
            "path": ("path", "the file", "l"),
        },
    ),
    "difference": (
        "change",
        "a difference between two versions of a contract",
        ("logical name of the contract", "id"),
        {
            "change": ("text", "a word of the table contract-changes", ""),
            "direction": ("text", "who is hurt: request, response or both", ""),
            "place": ("text", "where, such as GET /users → 200 → $.status", ""),
            "old": ("text", "what stood there, or absent", ""),
            "new": ("text", "what stands there, or absent", ""),
            "renamed_to": ("text", "the new name of what was evidently renamed", ""),
            "files": ("text", "of a rename: the old and the new file, as a command takes them", ""),
            "format": ("text", "format of the contract", ""),
        },
    ),
    "failure": (
        "text",
        "something that failed, as a log tells it",
        ("number, 0 for the last one",),
        {
            "text": ("text", "what the log says of it, from the first line to the last", ""),
            "kind": ("text", "exception, loader, native, panic, build, exit, or line for any other line", ""),
            "exception": ("text", "type of the exception as printed, such as torch.cuda.OutOfMemoryError", ""),
            "message": ("text", "its message", ""),
            "file": ("path", "file of the innermost frame", ""),
            "line": ("count", "line of the innermost frame", ""),
            "function": ("text", "function of the innermost frame", ""),
            "source": ("text", "source line of the innermost frame", ""),
            "called": ("text", "dotted name in the source line that the message is about, such as numpy.ndarray", ""),
            "callable": ("text", "last part of that name", ""),
            "library": ("path", "compiled file that the message names", ""),
            "distribution": (
                "text",
                "folder below site-packages of the library, else the file; else the package that defines the exception",
                "",
            ),
            "caller": ("text", "folder below site-packages of the nearest frame that lies in another one", ""),
            "program": ("path", "file of the outermost frame", ""),
            "level": ("text", "level of the line that tells it, such as error or warning", ""),
            "survived": ("bool", "whether the program went on after it", ""),
            "role": ("text", "cause (of a later one of its chain), context or symptom", ""),
            "repeated": ("count", "how often it was told", ""),
        },
    ),
    "log": (
        "platform",
        "what the log tells of itself",
        (),
        {
            "platform": ("text", "linux, darwin or win32, as its paths tell", ""),
            "lines": ("count", "how many lines it has", ""),
            "exit_code": ("count", "exit code of the process", ""),
            "signal": ("text", "signal that ended the process, such as SIGKILL", ""),
            "truncated": ("bool", "whether only a part of it was read", ""),
        },
    ),
    "unread": (
        "problem",
        "a file or an input that was given and could not be used",
        ("name",),
        {"problem": ("text", "why", ""), "path": ("path", "where", "")},
    ),
}

# Kinds that are about a run and not about an environment.
OF_A_RUN = frozenset(("change", "difference", "failure", "log", "waiver"))
_ESCAPES = (("%", "%25"), ("/", "%2F"), ("#", "%23"))


def format_key(entity: tuple[str, ...], attribute: str) -> str:
    """Return the text form `kind/part#attribute`, with `%`, `/` and `#` inside a part percent-escaped."""
    return f"{format_entity(entity)}#{attribute}"


def format_entity(entity: tuple[str, ...]) -> str:
    """Return the text form of an entity, `kind/part/part`."""
    if not any("/" in part or "#" in part or "%" in part for part in entity):
        return "/".join(entity)
    parts = []
    for part in entity:
        for plain, escaped in _ESCAPES:
            part = part.replace(plain, escaped)  # noqa: PLW2901  each escape works on the last one's result
        parts.append(part)
    return "/".join(parts)


def parse_entity(text: str) -> tuple[str, ...]:
    """Return the entity of the text form `kind/part/part`, whether or not the registry knows it."""
    parts = []
    for part in text.split("/"):
        for plain, escaped in reversed(_ESCAPES):
            part = part.replace(escaped, plain)  # noqa: PLW2901  each escape works on the last one's result
        parts.append(part)
    return tuple(parts)


def parse_key(text: str) -> tuple[tuple[str, ...], str]:
    """Return entity and attribute of a key; without `#`, the kind's primary attribute.

    Raises UsageError for a kind or an attribute that the registry does not have.
    """
    name, _, attribute = text.partition("#")
    parts = parse_entity(name)
    kind = KINDS.get(parts[0])
    if kind is None:
        raise UsageError(
            f"{text!r} is no fact key: there is no kind {parts[0]!r}", hint=f"one of {', '.join(sorted(KINDS))}"
        )
    attribute = attribute or kind[0]
    if attribute not in kind[3] and "*" not in kind[3]:
        raise UsageError(
            f"{text!r} is no fact key: {parts[0]} has no {attribute!r}", hint=f"one of {', '.join(kind[3])}"
        )
    if len(parts) - 1 != len(kind[2]):
        shape = "/".join((parts[0], *(f"<{part}>" for part in kind[2])))
        raise UsageError(f"{text!r} is no fact key: {parts[0]} is written {shape}", hint="see docs/facts.md")
    return parts, attribute


def attribute_type(kind: str, attribute: str) -> str:
    """Return the type of an attribute, text for a free one."""
    attributes = KINDS[kind][3]
    return (attributes.get(attribute) or attributes.get("*") or ("text", "", ""))[0]
