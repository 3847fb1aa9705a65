"""How far a build is: one line that changes on a terminal, a line every ten seconds elsewhere."""

import contextlib
import io
import shutil
import threading
import time
from typing import Any, TextIO

# Longest silence in a log file, in seconds; a terminal's line changes twice a second.
SECONDS_BETWEEN_LINES = 10
SECONDS_BETWEEN_CHANGES = 0.5

# What dbt says of a node that is made, by what it is. With a problem it does not count.
KINDS = {"LogSeedResult": "seeds", "LogModelResult": "models", "LogTestResult": "tests"}

PROBLEM_LEVELS = ("warn", "error")


class Progress(io.TextIOBase):
    """Listens to dbt and to what Python models print, until the end of its `with`."""

    def __init__(self, out: TextIO) -> None:
        """Write to `out`."""
        self.out = out
        self.problems: list[str] = []
        self.log_file = "logs/dbt.log"
        self._is_terminal = out.isatty()
        self._started = time.monotonic()
        self._running: dict[str, float] = {}
        self._total = 0
        self._done = 0
        self._counts = dict.fromkeys(KINDS.values(), 0)
        self._shown = ""
        self._unfinished = ""
        self._writing = threading.RLock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        """Start to show the progress."""
        self._say("Reading the project …")
        self._printed = contextlib.redirect_stdout(self)
        self._printed.__enter__()
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and say what was made."""
        self._ended.set()
        self._ticker.join()
        self._printed.__exit__(None, None, None)
        made = ", ".join(
            f"{number:,} {kind if number > 1 else kind[:-1]}"
            for kind, number in self._counts.items()
            if number
        )
        if made:
            self._say(f"Done in {elapsed(time.monotonic() - self._started)}: {made}.")
        self._clear()

    def write(self, text: str) -> int:
        """Say what a Python model prints, such as a fit it has made."""
        with self._writing:
            *lines, self._unfinished = (self._unfinished + text).split("\n")
            for line in lines:
                self._say(line)
        return len(text)

    def hear(self, event: Any) -> None:
        """Take one event of dbt; it comes from any of its threads."""
        name = event.info.name
        if name == "MainReportArgs":
            self.log_file = f"{event.data.args.get('log_path') or 'logs'}/dbt.log"
        elif name == "LogStartLine":
            self._total = event.data.total
            self._running[event.data.node_info.node_name] = time.monotonic()
        elif name == "NodeFinished":
            self._running.pop(event.data.node_info.node_name, None)
            self._done += 1
        elif name == "JinjaLogInfo":
            self._say(event.info.msg)
        if name in KINDS and event.info.level not in PROBLEM_LEVELS:
            self._counts[KINDS[name]] += 1
        # Those of a node's line come again at the end, with the reason.
        is_line = name.startswith("Log") and name.endswith("Result")
        if event.info.level in PROBLEM_LEVELS and not is_line and event.info.msg.strip():
            self.problems.append(event.info.msg)

    def line(self) -> str:
        """Nodes done, what runs and how long it has taken."""
        now = time.monotonic()
        running = sorted(self._running.items(), key=lambda each: each[1])
        models = ", ".join(
            name if now - since < SECONDS_BETWEEN_LINES else f"{name} ({elapsed(now - since)})"
            for name, since in running
        )
        return f"{self._done} of {self._total} · {elapsed(now - self._started)} · {models}"

    def _tick(self) -> None:
        seconds = SECONDS_BETWEEN_CHANGES if self._is_terminal else SECONDS_BETWEEN_LINES
        while not self._ended.wait(seconds):
            line = self.line() if self._total else "Reading the project …"
            if self._is_terminal:
                self._change(line)
            else:
                self._say(line)

    def _say(self, line: str) -> None:
        with self._writing:
            self._clear()
            print(line, file=self.out, flush=True)

    def _change(self, line: str) -> None:
        with self._writing:
            self._clear()
            self._shown = line[: shutil.get_terminal_size().columns - 1]
            print(self._shown, end="", file=self.out, flush=True)

    def _clear(self) -> None:
        with self._writing:
            if self._shown:
                print(f"\r{' ' * len(self._shown)}\r", end="", file=self.out, flush=True)
                self._shown = ""


def elapsed(seconds: float) -> str:
    """A time span as people say it: 9 s, 2 min 5 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
