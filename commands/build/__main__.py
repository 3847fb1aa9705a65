"""Build with dbt and show how far it is. The arguments are those of `dbt build`.

Everything dbt says is in its log file. What you see is the progress, the fits as they are made,
what went wrong, and at the end what was read, built and found.
"""

import gc
import sys

from commands.build.problems import explained
from commands.build.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run the build; returns dbt's exit code: 0 built, 1 failed, 2 wrong arguments or no start."""
    # Takes seconds, and --help of others must not wait for it.
    from dbt.cli.main import dbtRunner

    # dbt keeps the parsed project in memory. Looking through it at every 700 new objects takes a
    # twentieth of a build.
    gc.set_threshold(100_000, 50, 100)
    given = sys.argv[1:] if arguments is None else arguments
    progress = Progress(sys.stdout)
    with progress:
        ended = dbtRunner(callbacks=[progress.hear]).invoke(
            ["build", *given, "--log-level", "none", "--log-level-file", "debug"]
        )
    for problem in explained(progress.problems, ended.exception):
        print(problem, file=sys.stderr)
    if not ended.success:
        print(f"Not built. Details: {progress.log_file}", file=sys.stderr)
    if ended.exception is not None:
        return 2
    return 0 if ended.success else 1


if __name__ == "__main__":
    sys.exit(main())
