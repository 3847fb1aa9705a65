"""A BigQuery emulator for one test session: a fresh process on loopback, always stopped.

Run as a script, this file is that process.
"""

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = "emulated"

SECONDS_TO_START = 120
SECONDS_TO_STOP = 20


@dataclass(frozen=True)
class Emulator:
    """Where a running emulator listens."""

    rest_port: int
    grpc_port: int
    process_id: int

    @property
    def rest_url(self) -> str:
        """Address of the REST interface."""
        return f"http://127.0.0.1:{self.rest_port}"

    @property
    def grpc_address(self) -> str:
        """Host and port of the storage interface, without TLS."""
        return f"127.0.0.1:{self.grpc_port}"

    def is_ready(self) -> bool:
        """Say whether it answers queries. Raises URLError where nothing listens."""
        with urllib.request.urlopen(f"{self.rest_url}/readyz", timeout=10) as answer:
            return answer.status == 200


@contextmanager
def running_emulator(log: Path, *, is_mended: bool = True) -> Iterator[Emulator]:
    """Start an empty emulator on free ports, wait until it answers, and stop it at the end.

    What it says goes to `log`. It also ends when this process is killed, because its standard
    input then closes. Raises RuntimeError with the end of the log if it does not start. Without
    `is_mended` its faults are as published: see `emulator_shims`.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, __file__, "mended" if is_mended else "as_published"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            # Ctrl-C reaches pytest alone, which then stops the emulator in order.
            start_new_session=True,
        ) as process,
    ):
        try:
            # One line, written when the ports are open; nothing if the process ends before.
            ports = process.stdout.readline()
            emulator = Emulator(**json.loads(ports), process_id=process.pid) if ports else None
            if emulator is None or not emulator.is_ready():
                raise RuntimeError(f"The BigQuery emulator did not start:\n{log.read_text()}")
            yield emulator
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.stdin.close()
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _serve(is_mended: bool) -> None:
    """Write the ports to standard output, then serve until standard input closes."""
    ports, sys.stdout = sys.stdout, sys.stderr  # the emulator logs to both, from its import on
    import emulator_shims
    from bqemulator.config import Settings
    from bqemulator.server import EmulatorServer

    emulator_shims.do_not_download()
    if is_mended:
        emulator_shims.mend()
    settings = Settings(
        rest_port=0,
        grpc_port=0,
        default_project_id=PROJECT,
        log_level="warning",
        enable_format_extensions=False,  # Avro is a download as well
        write_api_max_request_bytes=1024**3,  # what it sends as well: a table in one message
    )
    server = EmulatorServer(settings)
    async with asyncio.timeout(SECONDS_TO_START):
        await server.start()
    listening = {"rest_port": server.rest_port, "grpc_port": server.grpc_port}
    print(json.dumps(listening), file=ports, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(_serve(is_mended=sys.argv[1] == "mended"))
