"""Regenerates the pinned requirement files from the two environments as they are."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def freeze(python: Path) -> dict[str, str]:
    """Every installed distribution but this project: name to version, local labels cut off."""
    out = subprocess.run([python, "-m", "pip", "freeze", "--all"], check=True, capture_output=True, text=True).stdout
    pins = re.findall(r"^([A-Za-z0-9_.\-]+)==([^+\s]+)", out, re.M)
    return {name: version for name, version in pins if name.lower() not in ("suqian-intake", "pip")}


def wanted(python: Path, names: list[str]) -> set[str]:
    """``names`` and everything that they need, as installed, lower-cased and dashed."""
    code = (
        "import sys,re;from importlib.metadata import requires,PackageNotFoundError\n"
        "norm=lambda n:re.sub(r'[-_.]+','-',n).lower()\n"
        "from packaging.requirements import Requirement\n"
        "seen=set();todo=[(norm(Requirement(a).name),frozenset(Requirement(a).extras)) for a in sys.argv[1:]]\n"
        "while todo:\n"
        "  n,ex=todo.pop()\n"
        "  if (n,ex) in seen: continue\n"
        "  seen.add((n,ex))\n"
        "  try: rs=requires(n) or []\n"
        "  except PackageNotFoundError: continue\n"
        "  for r in map(Requirement,rs):\n"
        "    if r.marker is None or any(r.marker.evaluate({'extra':e}) for e in (ex or {''})):\n"
        "      todo.append((norm(r.name),frozenset(r.extras)))\n"
        "print('\\n'.join(sorted({n for n,_ in seen})))"
    )
    out = subprocess.run([python, "-c", code, *names], check=True, capture_output=True, text=True).stdout
    return set(out.split())


def direct(file: str) -> list[str]:
    """The requirements of an ``.in`` file."""
    lines = (HERE / file).read_text().splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def write(file: str, pins: dict[str, str], keep: set[str]) -> None:
    """The pins of ``keep``, sorted."""
    norm = {re.sub(r"[-_.]+", "-", name).lower(): (name, version) for name, version in pins.items()}
    rows = [f"{norm[name][0]}=={norm[name][1]}" for name in sorted(keep) if name in norm]
    (HERE / file).write_text("# Made by make lock from the .in file beside it.\n" + "\n".join(rows) + "\n")
    print(f"{file}: {len(rows)} pins")


def main() -> None:
    app, rasa = ROOT / ".venv/bin/python", ROOT / ".venv-rasa/bin/python"
    pins = freeze(app)
    needed = wanted(app, direct("app.in"))
    write("app.txt", pins, needed)
    write("dev.txt", pins, wanted(app, direct("dev.in")) - needed)
    write("rasa.txt", freeze(rasa), wanted(rasa, direct("rasa.in")))


if __name__ == "__main__":
    sys.exit(main())
