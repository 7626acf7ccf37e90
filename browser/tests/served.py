"""Starts what is tested: the demonstration, or a server alone, each in a folder and at a port of its own.

The binary is the one on the PATH, or the one that GLOVEBOX names.
"""

import atexit
import functools
import os
import pathlib
import queue
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

PROJECT = "sick-notes"
WORKSPACE = "long-covid-sick-notes"
ACTIONS = [
    "generate_study_population_covid_2020",
    "generate_study_population_general_2019",
    "generate_study_population_general_2020",
    "generate_study_population_pneumonia_2019",
    "matching_2019",
    "matching_2020",
]

# Seconds: for the whole of the example on a busy machine, and for a command.
LONGEST_RUN = 120
LONGEST_COMMAND = 30


@functools.cache
def glovebox():
    found = os.environ.get("GLOVEBOX") or shutil.which("glovebox")
    if not found:
        raise RuntimeError("glovebox is not on the PATH: build it, or name it in GLOVEBOX")
    return str(pathlib.Path(found).resolve())


class Process:
    """A program that says line by line how far it is."""

    def __init__(self, arguments, database=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="glovebox-browser-"))
        self.environment = {**os.environ}
        self.environment.pop("GLOVEBOX_DATABASE_URL", None)
        if database:
            self.environment["GLOVEBOX_DATABASE_URL"] = database
        self.said = []
        self.lines = queue.Queue()
        arguments = [glovebox(), *(argument.format(folder=self.folder) for argument in arguments)]
        self.process = subprocess.Popen(
            arguments,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def until(self, pattern, seconds):
        """The first line from here on in which the pattern is, as its match."""
        ends = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                said = "".join(self.said[-20:])
                raise RuntimeError(f"it did not say {pattern!r} in {seconds} s, but:\n{said}")
            self.said.append(line)
            found = re.search(pattern, line)
            if found:
                return found

    def command(self, *arguments, given=""):
        """What a command of glovebox says, beside the server."""
        done = subprocess.run(
            [glovebox(), *arguments],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=LONGEST_COMMAND,
        )
        if done.returncode != 0:
            raise RuntimeError(f"glovebox {arguments[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout.strip() or done.stderr.strip()

    def admin(self, *arguments, given=""):
        """What a command of the server says, on the database that the server works with."""
        return self.command("server", "--folder", f"{self.folder}/server", *arguments, given=given)

    def sign_in_path(self, username):
        return self.admin("sign-in-link", username).splitlines()[0]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=LONGEST_COMMAND)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Demo(Process):
    """`glovebox demo`, of which all six jobs succeeded. Its researcher is `researcher`, its staff `staff`."""

    def __init__(self, database=None):
        super().__init__(["demo", "--port", "0", "--data-dir", "{folder}"], database)
        try:
            self.request = self.until(r"as anybody sees it: +(http\S+)", LONGEST_RUN).group(1)
            self.researcher = self.until(r"as its researcher, once: +(http\S+)", 5).group(1)
            self.staff = self.until(r"as a member of staff, once: +(http\S+)", 5).group(1)
            self.until(r"✔ succeeded: 6 of 6 jobs", LONGEST_RUN)
        except BaseException:
            self.stop()
            raise
        self.origin = re.match(r"http://[^/]+", self.request).group(0)
        self.workspace = f"/{PROJECT}/{WORKSPACE}/"

    def commit(self, branch, files):
        """Adds files to the study on a branch of their own, beside `main`."""
        study = self.folder / "study"
        self._git("checkout", "--quiet", "-B", branch, "main")
        for path, text in files.items():
            (study / path).write_text(text)
        self._git("add", ".")
        self._git("commit", "--quiet", "--message", branch)
        self._git("checkout", "--quiet", "main")

    def _git(self, *arguments):
        settings = ["user.name=A researcher", "user.email=researcher@example.org", "commit.gpgsign=false"]
        settings = [word for setting in settings for word in ("-c", setting)]
        subprocess.run(
            ["git", *settings, *arguments],
            cwd=self.folder / "study",
            check=True,
            capture_output=True,
            timeout=LONGEST_COMMAND,
        )


class Alone(Process):
    """`glovebox server run` without an agent, reached by a name, as passkeys want it."""

    def __init__(self):
        # The port has to be known before: it is part of the public origin.
        port = free_port()
        self.origin = f"http://localhost:{port}"
        listen = ["--listen", f"127.0.0.1:{port}", "--public-origin", self.origin]
        super().__init__(["server", "--folder", "{folder}/server", "run", *listen])
        try:
            self.until(r"^http://127\.0\.0\.1:\d+/$", LONGEST_COMMAND)
        except BaseException:
            self.stop()
            raise


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


_demo = None


def demo():
    """The demonstration that tests share; each works with branches and people of its own."""
    global _demo
    if _demo is None:
        _demo = Demo()
        atexit.register(_demo.stop)
    return _demo


def project_yaml(actions):
    """A study of actions: name, command, names of those it needs."""
    lines = ["version: '3.0'", "expectations: {population_size: 10}", "actions:"]
    for name, command, needs in actions:
        lines += [
            f"  {name}:",
            f"    run: {command}",
            f"    needs: [{', '.join(needs)}]",
            f"    outputs: {{moderately_sensitive: {{made: output/{name}.txt}}}}",
        ]
    return "\n".join(lines) + "\n"
