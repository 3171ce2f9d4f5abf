"""Whether the libraries in a zip can run on Lambda: their wheels' tags, and the machine their code is made for."""

from zipfile import ZipFile

# Lambda's name of an architecture: its name in wheel tags, and its number in the header of an ELF file.
MACHINES = {"arm64": ("aarch64", 183), "x86_64": ("x86_64", 62)}

_ELF = b"\x7fELF"
_MACHINE = slice(18, 20)


def complaints(package: ZipFile, *, architecture: str) -> list[str]:
    """What does not fit, one line per library or file; Chalice itself only prints this, or does not notice."""
    found = []
    for path in sorted(package.namelist()):
        if path.endswith(".dist-info/WHEEL"):
            found += _about_wheel(package.read(path).decode(), path=path, architecture=architecture)
            continue
        with package.open(path) as file:
            found += _about_code(file.read(20), path=path, architecture=architecture)
    return found


def _about_wheel(text: str, *, path: str, architecture: str) -> list[str]:
    library = path.removesuffix(".dist-info/WHEEL").replace("-", " ")
    platforms = {line.rpartition("-")[2] for line in text.splitlines() if line.startswith("Tag:")}
    if any(platform.startswith("linux_") for platform in platforms):
        return [f"{library} was compiled on this machine, against libraries that Lambda may lack"]
    machine, _ = MACHINES[architecture]
    if not any(platform == "any" or platform.endswith(f"_{machine}") for platform in platforms):
        return [f"{library} is a wheel for {', '.join(sorted(platforms))}, not for {machine}"]
    return []


def _about_code(start: bytes, *, path: str, architecture: str) -> list[str]:
    machine, number = MACHINES[architecture]
    if start.startswith(_ELF):
        if int.from_bytes(start[_MACHINE], "little") != number:
            return [f"{path} is machine code for something else than {machine}"]
    elif path.endswith((".so", ".dylib", ".pyd")):
        return [f"{path} is no machine code for Linux"]
    return []
