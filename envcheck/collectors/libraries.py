"""Collects what the dynamic loader offers, from its cache or else from its folders, without loading anything."""

from __future__ import annotations

from envcheck.binaries import loader_cache
from envcheck.collectors._kernel import unreadable
from envcheck.collectors._runtimes import LIBRARY_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envcheck.collectors import Collection
    from envcheck.targets.target import Target

COVERS = ("library",)
PLATFORMS = ("linux",)

# Beginnings of the sonames that are kept. A name that is missing here would look absent, so a test holds the rules
# to this list.
KEPT = (
    # NVIDIA
    *("libcuda.so", "libcudart.so", "libcudnn", "libcublas", "libcufft", "libcufile", "libcupti.so", "libcurand.so"),
    *("libcusolver", "libcusparse", "libnccl", "libnvidia-", "libnvinfer", "libnvJitLink.so", "libnvonnxparser"),
    *("libnvrtc", "libnvToolsExt.so", "libnvshmem", "libnpp", "libnvjpeg.so", "libcudadebugger.so"),
    # AMD, Intel
    *("libamdhip64.so", "libhip", "libhsa-runtime64.so", "libMIOpen", "librccl.so", "libroc", "libze_loader.so"),
    # C++, OpenMP, linear algebra
    *("libstdc++.so", "libgcc_s.so", "libgomp.so", "libiomp5.so", "libomp.so", "libc++.so", "libgfortran.so"),
    *("libopenblas", "libmkl_rt.so", "libtbb.so", "libatomic.so"),
    # graphics and what OpenCV needs of X11 and GLib
    *("libGL.so", "libGLX", "libGLdispatch.so", "libGLESv2.so", "libEGL", "libOpenGL.so", "libOpenCL.so"),
    *("libvulkan.so", "libgbm.so", "libdrm", "libglib-2.0.so", "libgthread-2.0.so", "libSM.so", "libICE.so"),
    *("libX11.so", "libXext.so", "libXrender.so"),
    # media, transport, storage
    *("libavcodec.so", "libavdevice.so", "libavfilter.so", "libavformat.so", "libavutil.so", "libswresample.so"),
    *("libswscale.so", "libsndfile.so", "libsox.so", "libaio.so", "libnuma.so", "libibverbs.so", "librdmacm.so"),
    *("libmpi.so", "libucp.so", "libsqlite3.so"),
    # what pure Python distributions load by name
    *("libenchant", "libzbar.so", "libdmtx.so", "libmagic.so", "libportaudio.so", "libcairo.so", "libpango-1.0.so"),
    *("libfluidsynth.so", "libfuse.so", "libhidapi", "libmpv.so", "libopenslide.so", "libSDL2-2.0.so", "libvips.so"),
    *("libopus.so",),
    # encryption, compression, the rest of a Python's own needs
    *("libssl.so", "libcrypto.so", "libz.so", "libffi.so", "libbz2.so", "liblzma.so", "libzstd.so"),
)

_CACHE = "/etc/ld.so.cache"
_CACHE_LIMIT = 64 << 20


def collect(target: Target, into: Collection) -> None:
    """Fill `library` with the sonames that begin as in `KEPT`."""
    try:
        data = target.files.read(_CACHE, _CACHE_LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        _collect_folders(target, into)
        return
    except (OSError, ValueError) as error:
        into.gap("library", unreadable(_CACHE, error))
        _collect_folders(target, into)
        return
    try:
        found = parse_cache(data)
    except ValueError as error:
        into.gap("library", f"{_CACHE} is damaged: {error}")
        _collect_folders(target, into)
        return
    for soname, path in found.items():
        # A cache outlives the libraries that it lists; the loader then finds nothing.
        if target.files.exists(path):
            into.put(("library", soname), _CACHE, path=path, version=_version(target, path))


def parse_cache(data: bytes) -> dict[str, str]:
    """Return the path by soname that the loader would take, for the sonames of `KEPT`.

    Raises ValueError for anything that is not a whole cache in this machine's byte order.
    """
    kept = loader_cache.parse(data, tuple(name.encode() for name in KEPT))
    return {soname: paths[0] for soname, paths in kept.items()}


def _collect_folders(target: Target, into: Collection) -> None:
    """Record libraries by file name, as musl finds them, and glibc without a cache."""
    folders: dict[str, str] = {}
    for folder in LIBRARY_FOLDERS:
        try:
            folders.setdefault(target.files.realpath(folder), folder)
        except OSError as error:
            into.gap("library", unreadable(folder, error))
    read_any = False
    for folder in folders.values():
        try:
            names = target.files.names(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            into.gap("library", unreadable(folder, error))
            continue
        read_any = True
        for name in names:
            entity = ("library", name)
            if name.isascii() and ".so" in name and name.startswith(KEPT) and entity not in into.facts:
                path = f"{folder}/{name}"
                if target.files.exists(path):
                    into.put(entity, folder, path=path, version=_version(target, path))
    if not read_any:
        into.gap("library", "there is neither a loader cache nor a usual library folder")


def _version(target: Target, path: str) -> str | None:
    """Return what follows `.so.` in the name of the file, or of the file that it links to."""
    try:
        name = target.files.readlink(path)
    except (OSError, ValueError):
        name = path
    version = name.rpartition(".so.")[2] if ".so." in name else ""
    return version if version[:1].isdigit() and version.isascii() else None
