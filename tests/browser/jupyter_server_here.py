"""JupyterLab as `unet-tutorial lab` starts it, with settings of its own, ended for sure."""

import json
import secrets
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress

import psutil

from unet_tutorial.classroom.workspace import lab

PATIENCE = 60  # seconds until a start has failed
SETTINGS = {
    # Every cell is drawn, also those that are not in view.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    # It asks PyPI for extensions.
    "@jupyterlab/extensionmanager-extension/plugin": {"enabled": False},
}


class JupyterLab:
    """A server on `folder / "files"`, which knows none of this user's settings.

    Used as a context manager; `url` opens a file, `log` is what the server wrote.
    """

    def __init__(self, folder, settings=None):
        self.home, self.files, self.log_file = folder, folder / "files", folder / "log.txt"
        self.settings = SETTINGS | (settings or {})
        self.token = secrets.token_hex(16)

    def __enter__(self):
        self.files.mkdir()
        self.write_settings()
        self.port = free_port()
        command = lab._build_lab_command(self.files, port=self.port, browser=False)
        command += ["--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]
        with self.log_file.open("wb") as log:
            self.process = psutil.Popen(
                command,
                cwd=self.files,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        family = [*self.process.children(recursive=True), self.process]
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=PATIENCE)

    def environment(self):
        names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
        own = {f"JUPYTER_{name}": str(self.home / name.lower()) for name in names}
        own |= {
            f"JUPYTERLAB_{n}_DIR": str(self.home / f"{n.lower()}_dir")
            for n in ("SETTINGS", "WORKSPACES")
        }
        own |= {"IPYTHONDIR": str(self.home / "ipython"), "HOME": str(self.home)}
        return lab._jupyter_environment() | own | {"JUPYTER_TOKEN": self.token}

    def write_settings(self):
        for name, values in self.settings.items():
            path = self.home / "settings_dir" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")

    def wait_until_it_answers(self):
        end = time.monotonic() + PATIENCE
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            try:
                return self.ask("GET", "api/status")
            except OSError:
                assert time.monotonic() < end, self.log
            time.sleep(0.1)
        raise AssertionError(f"JupyterLab did not start:\n{self.log}")

    def ask(self, method, path):
        """Send a request to the server's API; return the parsed answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            body = reply.read()
        return json.loads(body) if body else None

    def end_kernels(self):
        """End every kernel, so that the next test finds the machine's memory and cores free."""
        for session in self.ask("GET", "api/sessions"):
            self.ask("DELETE", f"api/sessions/{session['id']}")

    def url(self, path):
        """Return the address that opens a file of the folder, in a workspace that is empty."""
        name = path.relative_to(self.files).as_posix()
        return f"http://127.0.0.1:{self.port}/lab/tree/{name}?reset&token={self.token}"

    @property
    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
