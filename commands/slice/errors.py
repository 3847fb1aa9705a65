"""What can go wrong in a way the user can mend, and the exit code that says so."""


class SliceError(Exception):
    """A slice could not be pulled; the message says why and what to do."""

    exit_code = 1


class ArgumentsError(SliceError):
    """The command line asks for something that makes no sense."""

    exit_code = 2


class OverCapError(SliceError):
    """The slice would cost more than `--max-bytes` allows; nothing was read."""

    exit_code = 3
