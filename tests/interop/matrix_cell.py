"""One cell of the matrix: a server with a fault, a client, and what became of it.

A cell ends within the client's patience and a few seconds, and leaves no process: each one
that it starts inherits a word in its environment by which it is found, wherever it went.
"""

import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

import matrix_clients

SCRIPTS = pathlib.Path(__file__).resolve().parent / "clients"
MARK = "MATRIX_CELL"
READY_SECONDS = 20
STOP_SECONDS = 10
SEED = "1"  # of the scenarios that leave it to chance
HARD_LIMIT = "100"  # seconds for a client, should this runner be killed


class ServerFault(Exception):
    """The mock itself did what it must not: a cell of this kind always fails."""


@dataclass
class Cell:
    """`choice` is what --scenario takes, and perhaps more options behind it."""

    client: str
    choice: str
    outcome: str = "not run"
    message: str = ""
    code: int | None = None
    is_met: bool = True  # whether the fault was met
    trouble: str = ""  # of the mock or the runner, not of the client
    text: str = ""
    seconds: float = 0.0
    slack: int = 1  # how many times the client's patience

    @property
    def label(self):
        return f"{self.client} {self.choice}"


class Rig:
    """What all cells share: the binary, a folder, a CA that is there already."""

    def __init__(self, mockndes, folder):
        self.mockndes = mockndes
        self.folder = pathlib.Path(folder)
        self.mark = f"{os.getpid()}-{time.monotonic_ns()}"
        self.state = self.folder / "state"
        self.lock = threading.Lock()
        self.count = 0
        self.is_ended = False
        self.namespace = self.https_by_namespace()
        home = self.folder / "first"
        home.mkdir()
        with Server(self, home, self.state, ["--scenario", "healthy"], f"{self.mark}-0-"):
            pass

    def https_by_namespace(self):
        """pki and certmonger trust the machine's list of CAs, and no other."""
        home = self.folder / "namespace"
        home.mkdir()
        (home / "ca.pem").touch()
        settings = {**os.environ, "MOCKNDES_CA": "ca.pem", "MOCKNDES_TLS_URL": ""}
        done = subprocess.run([SCRIPTS / "over-https", "true"], cwd=home, env=settings,
                              capture_output=True, timeout=20, check=False)
        return done.returncode == 0

    def home(self):
        with self.lock:
            self.count += 1
            mark = f"{self.mark}-{self.count}-"
        home = self.folder / mark
        home.mkdir()
        return home, mark

    def sweep(self, mark=None):
        """Ends what is left of one cell, or of all; the number that stays."""
        needle = f"{MARK}={mark or self.mark}".encode()
        for _ in range(40):
            left = marked(needle)
            if not left:
                return 0
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        return len(left)


def marked(needle):
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                if needle in file.read():
                    found.append(int(entry))
        except OSError:
            continue
    return found


class Server:
    """The mock on free ports of its own; ready inside `with`, gone behind it."""

    def __init__(self, rig, home, state, options, mark):
        self.log = home / "server.log"
        self.settings = {key: value for key, value in os.environ.items()
                         if not key.startswith("MOCKNDES_")}
        self.settings[MARK] = mark
        reader, writer = os.pipe()
        command = [rig.mockndes, "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0",
                   "--log-format", "json", "--seed", SEED, "--state", str(state),
                   "--exit-with-parent", "--ready-fd", str(writer), *options]
        try:
            with open(self.log, "wb") as log:
                self.process = subprocess.Popen(
                    command, pass_fds=[writer], cwd=home, env=self.settings,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        try:
            self.ready = self.wait_ready(reader)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            os.close(reader)

    def wait_ready(self, reader):
        line = b""
        end = time.monotonic() + READY_SECONDS
        while not line.endswith(b"\n"):
            if not select.select([reader], [], [], max(0, end - time.monotonic()))[0]:
                raise ServerFault(f"the server was not ready after {READY_SECONDS} s")
            part = os.read(reader, 65536)
            if not part:
                words = self.log.read_text(errors="replace").strip().splitlines()
                raise ServerFault(f"the server did not start: {' '.join(words[-1:])}")
            line += part
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServerFault(f"the server did not end within {STOP_SECONDS} s of TERM") from None
        if code < 0:
            raise ServerFault(f"the server died of signal {-code}")
        if code not in (0, 3, 4):
            raise ServerFault(f"the server ended with exit code {code}")

    @property
    def url(self):
        fault = self.ready["fault"]
        return fault["url"] if fault else self.ready["url"]

    def has_fired(self):
        """By the lines of its log; a port of its own is met by whoever comes."""
        if self.ready["fault"]:
            return True
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                if json.loads(line).get("rule"):
                    return True
            except (ValueError, AttributeError):
                continue
        return False


def run(rig, cell):
    """Fills in the cell."""
    client = matrix_clients.CLIENTS[cell.client]
    begin = time.monotonic()
    home, mark = rig.home()
    try:
        shutil.copytree(rig.state, home / "state", ignore=shutil.ignore_patterns("lock"))
        scenario, *options = cell.choice.split()
        if "--caps" not in options:
            options += client.server_options
        with Server(rig, home, home / "state", ["--scenario", scenario, *options], mark) as server:
            meet(rig, cell, client, server, home)
            cell.is_met = server.has_fired()
    except ServerFault as fault:
        cell.trouble = str(fault)
    except OSError as error:
        cell.trouble = f"the runner: {error}"
    left = rig.sweep(mark)
    if left:
        cell.trouble = cell.trouble or f"{left} processes cannot be ended"
    shutil.rmtree(home, ignore_errors=True)
    cell.seconds = time.monotonic() - begin


def meet(rig, cell, client, server, home):
    """Runs the client once against the server."""
    work = home / "client"
    work.mkdir()
    settings = dict(server.settings)
    settings["PATH"] = f"{SCRIPTS}:{settings.get('PATH', '')}:/usr/sbin"
    settings["PATIENCE"] = HARD_LIMIT
    settings["LC_ALL"] = "C"
    settings["MOCKNDES_URL"] = server.url
    settings["MOCKNDES_CA"] = server.ready["ca"]
    settings["MOCKNDES_CHALLENGE"] = server.ready["challenge"]
    settings["SSL_CERT_FILE"] = server.ready["ca"]
    command = ["timeout", "-s", "KILL", HARD_LIMIT, *client.command]
    if cell.client != "scepclient":
        if rig.namespace:
            settings["MOCKNDES_TLS_URL"] = server.url
            command = ["over-https", *command]
        elif server.url.startswith("https:"):
            cell.outcome = "skipped"
            cell.message = "this machine lets nobody mount in a namespace"
            return
    seconds = client.patience * cell.slack
    cell.code, cell.text = watch(rig, client, command, work, settings, seconds)
    certificate = work / f"{matrix_clients.NAME}.pem"
    has_certificate = certificate.exists() and b"BEGIN CERT" in certificate.read_bytes()
    cell.outcome = client.outcome(cell.code, cell.text, has_certificate)
    if cell.outcome not in ("ok", "timeout"):
        cell.message = matrix_clients.shortened(client.message(cell.text))


def watch(rig, client, command, work, settings, seconds):
    """The exit code, None where it had to be ended, and all that was printed."""
    path = work / "printed"
    end = time.monotonic() + seconds
    with open(path, "wb") as printed:
        process = subprocess.Popen(command, cwd=work, env=settings, stdin=subprocess.DEVNULL,
                                   stdout=printed, stderr=printed, start_new_session=True)
    try:
        while process.poll() is None:
            text = path.read_text(errors="replace")
            if rig.is_ended or time.monotonic() > end or client.is_over(text):
                return None, text
            time.sleep(0.05)
        return process.returncode, path.read_text(errors="replace")
    finally:
        if process.poll() is None:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
