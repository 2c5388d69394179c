"""A JupyterLab server for tests: its own home, a free port, and gone with its kernels at the end."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# What a developer may have set: folders, tokens, settings, and the variables of a surrounding notebook.
LEFT_BEHIND = ("JUPYTER", "JPY_", "IPYTHON", "NBGRADER", "XDG_", "MPL", "BROWSER")
# JupyterLab's own settings, by plugin.
SETTINGS = {
    # else it asks whether it may fetch news
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # else it lays out a cell when it is scrolled to, and what is measured or photographed then still moves
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class LabServer:
    """A running server: its address with the slash at the end, its token, the folder that it serves, its exchange."""

    url: str
    token: str
    root: Path
    exchange: Path

    def address(self, notebook: str = "") -> str:
        """Where JupyterLab opens, with a notebook of the folder or without, in a workspace of its own."""
        tree = f"/tree/{notebook}" if notebook else ""
        name = notebook.removesuffix(".ipynb").replace("/", "-") or "empty"
        return f"{self.url}lab/workspaces/{name}{tree}?token={self.token}"


def elsewhere(home: Path) -> dict[str, str]:
    """This process's environment, with another home and without what a developer has set for Jupyter."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_BEHIND)}
    return {**kept, "HOME": str(home), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"}


@contextmanager
def lab_server(root: Path, home: Path, environment: Path | None = None) -> Iterator[LabServer]:
    """Serve ``root``; what Jupyter and the kernels write elsewhere goes to ``home``, a new folder.

    ``environment`` has what a wheel puts beside its package, as ``etc/…``: Jupyter and IPython find it as if it were
    installed.
    """
    places = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    for plugin, settings in SETTINGS.items():
        file = home / "config" / "lab" / "user-settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    exchange = _exchange(home)
    exchange.mkdir()
    (home / "config" / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\n", encoding="utf-8"
    )
    if environment:
        places["JUPYTER_CONFIG_PATH"] = str(environment / "etc" / "jupyter")
        shutil.copytree(environment / "etc" / "ipython", home / ".ipython" / "profile_default")
    log = home / "server.log"
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={root}"]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=root,
            env={**elsewhere(home), **places},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _when_it_answers(process, home, root, log)
    finally:
        process.terminate()  # told so, the server shuts its kernels down before it goes
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()  # kernels whose server is gone end by themselves
            process.wait()
            raise


def _when_it_answers(process: subprocess.Popen, home: Path, root: Path, log: Path) -> LabServer:
    """Wait, at most a minute, until the server has written down its address and answers there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            try:
                info = json.loads(file.read_text(encoding="utf-8"))
                urllib.request.urlopen(f"{info['url']}api/status?token={info['token']}", timeout=5).close()
            except (ValueError, OSError):  # half written; not listening yet
                continue
            return LabServer(info["url"], info["token"], root, _exchange(home))
        time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


def _exchange(home: Path) -> Path:
    """The folder in which nbgrader passes assignments between an instructor and this server's student."""
    return home / "exchange"
