"""A Chromium for the browser tests: PATH, else the system's package manager, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT = "fonts-noto-cjk"
HELP = (
    "The browser tests need Chromium and a Chinese font. Install them (Debian, Ubuntu: "
    "`apt-get install chromium fonts-noto-cjk`), or `.venv/bin/playwright install chromium`, "
    "or name the program in GRIDLOOM_CHROMIUM."
)
Tell = Callable[[str], None]


class NoChromium(RuntimeError):
    """There is no Chromium and none can be had here; the message says what to do."""


@cache
def chromium() -> Path:
    """The program to drive. Installs one where that is allowed. Raises NoChromium."""
    return ensure(lambda text: None)


def ensure(tell: Tell) -> Path:
    """As `chromium`, and tells what takes its time."""
    found = on_path()
    if found is None or not has_chinese_font():
        _install_packages([] if found else ["chromium"], tell)
        found = on_path() or _from_playwright(tell)
    if found is None or not has_chinese_font():
        raise NoChromium(HELP)
    return found


def on_path() -> Path | None:
    """A Chromium that runs (Ubuntu's `chromium-browser` may be an empty shell)."""
    for name in (os.environ.get("GRIDLOOM_CHROMIUM", ""), *NAMES):
        program = shutil.which(name) if name else None
        if program and _runs(Path(program)):
            return Path(program)
    return None


def _runs(program: Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"hrom" in done.stdout


def has_chinese_font() -> bool:
    """Whether pages would show Chinese and not boxes; taken as given where fontconfig cannot be asked."""
    lister = shutil.which("fc-list")
    if lister is None:
        return True
    return bool(subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False).stdout.strip())


def _install_packages(packages: list[str], tell: Tell) -> None:
    """Debian and Ubuntu, as root or with a sudo that does not ask."""
    apt = shutil.which("apt-get")
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if apt is None or (prefix and shutil.which("sudo") is None):
        return
    wanted = [*packages, "fontconfig", FONT]
    tell(f"installing {', '.join(wanted)} with apt-get (once)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *wanted]):
        subprocess.run([*prefix, apt, *arguments], env=environment, capture_output=True, timeout=900, check=False)


def _from_playwright(tell: Tell) -> Path | None:
    tell("fetching Playwright's Chromium (once)")
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(install, capture_output=True, timeout=900, check=False)
    if done.returncode != 0:
        return None
    cache_folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    candidates = sorted(cache_folder.glob("chromium-*/chrome-*/chrome"), reverse=True)
    return next((program for program in candidates if _runs(program)), None)


def main() -> int:
    """Print which Chromium the tests will use; installs one when needed."""
    try:
        print(f"browser: {ensure(lambda text: print(f'  {text} …', flush=True))}")
    except NoChromium as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
