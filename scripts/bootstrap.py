"""Builds .venv from requirements.lock and installs this project into it, doing only what has changed.

Called by bootstrap.sh, which has made sure of the Python version: `bootstrap.py [--check] [WANTED VERSION]`.
Standard library only. `--check` answers by its exit code alone whether .venv is ready, in a few hundredths of a second,
so it imports little. What .venv was built from is kept in .venv/.bootstrap.json.
"""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".bootstrap.json"
LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / "scripts" / "uv.lock"

VERSION = "{}.{}".format(*sys.version_info)
PIP = [PYTHON, "-I", "-m", "pip"]


class StepError(Exception):
    """A command that failed, with the end of what it printed."""


def say(text: str) -> None:
    print(text, flush=True)


def digest(*names: str) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256((ROOT / name).read_bytes()).digest() for name in names)).hexdigest()


def wanted_state(version: str) -> dict:
    """What .venv must have been built from; a part that differs is done again."""
    return {
        "venv": [version, str(ROOT)],
        "packages": digest("requirements.lock"),
        "project": digest("pyproject.toml", "scripts/hatch_build.py"),
    }


def recorded_state() -> dict:
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def record(state: dict) -> None:
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps(state), encoding="utf-8")
    new.replace(STAMP)


def venv_version() -> str | None:
    """The version of the Python in .venv, or None when there is none that runs and has pip."""
    import subprocess

    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([PYTHON, "-I", "-c", code], capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def run(command: list, env: dict) -> None:
    """Runs quietly, says every 20 seconds that it is still at work, and shows the output only of a failure."""
    import subprocess
    import tempfile
    import time

    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env, cwd=ROOT
            )
        except OSError as error:
            raise StepError(f"      {error}") from error
        while process.returncode is None:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                say(f"      … still at it after {time.monotonic() - started:.0f} s")
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if process.returncode:
            output.seek(0)
            lines = output.read().decode("utf-8", "replace").strip().splitlines()
            raise StepError("\n".join("      " + line for line in lines[-25:]))


def clean_environment() -> dict:
    import os

    unwanted = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX")
    env = {name: value for name, value in os.environ.items() if name not in unwanted}
    return env | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}


def run_uv(env: dict, *arguments: object) -> None:
    """Runs `uv pip install` with the mirror, the offline folder and the certificates that this machine's pip uses."""
    import ast
    import os
    import subprocess

    env = env | {"UV_COMPILE_BYTECODE": "1", "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    env.setdefault("UV_HTTP_TIMEOUT", "120")
    home = env.get("HOME", "")
    if not {"UV_CACHE_DIR", "XDG_CACHE_HOME"} & set(env) and not (home and os.access(home, os.W_OK)):
        env["UV_NO_CACHE"] = "1"

    pip = {}
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, env=env, cwd=ROOT, text=True).stdout
    for line in listed.splitlines():  # section.name='value', the section :env: for what the environment says
        name, _, value = line.partition("=")
        try:
            pip[name.rpartition(".")[2].replace("-", "_")] = str(ast.literal_eval(value))
        except (SyntaxError, ValueError):
            continue
    if "index_url" in pip and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(env):
        env["UV_DEFAULT_INDEX"] = pip["index_url"]
    offline = []
    if pip.get("no_index", "").lower() in ("1", "true", "yes", "on"):
        offline = ["--no-index", *(f"--find-links={place}" for place in pip.get("find_links", "").split())]
    if "cert" in pip:
        env.setdefault("SSL_CERT_FILE", pip["cert"])
    run([PYTHON, "-I", "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON, *offline, *arguments], env)


def build_venv(env: dict) -> None:
    import shutil

    say(f"[1/4] Making .venv with Python {VERSION}")
    if VENV.is_symlink():
        VENV.unlink()
    elif VENV.exists():
        shutil.rmtree(VENV)
    run([sys.executable, "-I", "-m", "venv", VENV], env)


def have_uv(env: dict) -> bool:
    """Puts the pinned uv into .venv; False, with the reason said, when it cannot be had here."""
    try:
        run([*PIP, "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", UV_LOCK], env)
    except StepError as error:
        say(f"      uv cannot be had here; pip does the same, only slower. The reason:\n{error}")
        return False
    return True


def install_packages(env: dict) -> None:
    count = sum(line[:1].isalnum() and "==" in line for line in LOCK.read_text(encoding="utf-8").splitlines())
    say("[2/4] Getting the installer (uv)")
    if have_uv(env):
        say(f"[3/4] Installing {count} packages of requirements.lock: half a minute from a cache, longer from afar")
        try:
            run_uv(env, "--require-hashes", "-r", LOCK)
            return
        except StepError as error:
            say(f"      uv could not install them; trying pip. The reason:\n{error}")
    say(f"[3/4] Installing {count} packages of requirements.lock with pip: some minutes")
    run([*PIP, "install", "--quiet", "--no-deps", "--require-hashes", "-r", LOCK], env)


def install_project(env: dict) -> None:
    import os

    say("[4/4] Installing this project and its command rsoko")
    options = ["--no-deps", "--no-build-isolation", "-e", ROOT]
    try:
        run_uv(env, *options)
    except StepError:
        run([*PIP, "install", "--quiet", *options], env)
    # Python reads .pth files in the locale's encoding, so under LC_ALL=C an address with Cyrillic letters in one stops
    # every command. A relative address has none.
    for pth in VENV.glob("lib/python*/site-packages/_editable_impl_rsoko_pipeline.pth"):
        pth.write_text(os.path.relpath(ROOT, pth.parent) + "\n", encoding="utf-8")
    run([PYTHON, "-I", "-c", "import rsoko_pipeline, assets, resources"], env | {"LC_ALL": "C"})


def bootstrap(wanted: str) -> None:
    import time

    started = time.monotonic()
    env = clean_environment()
    version = venv_version()
    done = recorded_state()
    usable = version in ("3.11", "3.12", "3.13") and version == (wanted or version)
    # A stamp without "packages" is left by an install that did not finish: bytecode may be missing, so start over.
    if usable and (not done or (done.get("venv") == [version, str(ROOT)] and done.get("packages"))):
        state = wanted_state(version)
        if done == state:
            return  # another make did it while this one waited
        say("Bringing .venv up to date")
    else:  # none, unfinished, another Python's, or a copy from elsewhere: a venv holds its own address
        state = wanted_state(VERSION)
        build_venv(env)
        done = {}
    if done.get("packages") != state["packages"]:
        record({"venv": state["venv"]})
        install_packages(env)
        record({"venv": state["venv"], "packages": state["packages"]})
    install_project(env)
    record(state)
    say(f"Ready in {time.monotonic() - started:.0f} s.")


def main(arguments: list[str]) -> int:
    check = arguments[:1] == ["--check"]
    wanted = "".join(arguments[check:])
    if check:
        return 0 if wanted in ("", VERSION) and recorded_state() == wanted_state(VERSION) else 1
    import contextlib
    import fcntl

    with Path(__file__).open("rb") as own:  # two makes at once: the second waits for the first
        with contextlib.suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another make is preparing .venv; waiting for it")
                fcntl.flock(own, fcntl.LOCK_EX)
        try:
            bootstrap(wanted)
        except StepError as error:
            say(f"Error: .venv could not be made ready. The installer said:\n{error}")
            return 3
        except KeyboardInterrupt:
            say("Interrupted. .venv is not ready; the next make does it again.")
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
