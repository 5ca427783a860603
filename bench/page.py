#!/usr/bin/env python3
"""How long it takes from ./run until its page can be used.

    python3 bench/page.py --rounds 10

Each round starts the service on a free port and a new data directory, or with --data on a copy of that one, and asks for the
page until it comes with all that it imports, which is before the model is loaded. `processor` is what has been computed until
then, on all processors together, and `ready` is when pictures are answered, too; asking whether they are begins the model's
loading. The first round may have to build, or find nothing in the disk's cache, and is told apart. Run it on a machine that
does nothing else.
"""
import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def when_there(address: str, began: float) -> float:
    """Seconds from the beginning until something answers 200."""
    while True:
        try:
            urllib.request.urlopen(address, timeout=60).read()
            return time.perf_counter() - began
        except (urllib.error.URLError, ConnectionError):
            if time.perf_counter() - began > 120:
                raise SystemExit(f"{address} does not come within two minutes.")
            time.sleep(0.005)


def fetch_imports(base: str) -> None:
    """What a browser fetches before the page can be used: its styles, its script and what that imports."""
    text = urllib.request.urlopen(base + "/", timeout=60).read().decode()
    waiting = re.findall(r'(?:href|src)="(page/[^"]+)"', text)
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        text = urllib.request.urlopen(f"{base}/{path}", timeout=60).read().decode()
        for name in re.findall(r"from '\./([^']+)'", text):
            imported = f"{path.rsplit('/', 1)[0]}/{name}"
            if imported not in seen:
                seen.add(imported)
                waiting.append(imported)


def processor_time(pid: int) -> float:
    """Seconds that all threads of a process have computed for; unlike the clock, this hardly depends on who else does."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(program: str, copied: str | None, settings: list[str]) -> dict[str, float]:
    base = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as data:
        if copied:
            shutil.copytree(copied, data, dirs_exist_ok=True)
        began = time.perf_counter()
        process = subprocess.Popen(
            [program, "serve", f"--url={base}", f"--Storage:Directory={data}", *settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            when_there(base + "/", began)
            fetch_imports(base)
            page = time.perf_counter() - began
            return {"page": page, "processor": processor_time(process.pid), "ready": when_there(base + "/healthz/ready", began)}
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--program", default=str(ROOT / "run"), help="./run as shipped, or the program that it builds")
    arguments.add_argument("--data", help="a data directory to begin with")
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("settings", nargs="*", help="settings of the service, after --")
    options = arguments.parse_args()
    first, *rounds = [measure(options.program, options.data, options.settings) for _ in range(options.rounds + 1)]
    print(json.dumps({
        "rounds": len(rounds), "first": {name: round(value, 3) for name, value in first.items()},
        **{name: {"median": round(statistics.median(values), 3), "least": round(min(values), 3), "most": round(max(values), 3)}
           for name, values in ((name, [one[name] for one in rounds]) for name in first)},
    }, indent=2))


if __name__ == "__main__":
    main()
