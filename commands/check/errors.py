"""The one error of this package."""


class InputError(Exception):
    """A file that cannot be read as it is. The message says which, why and what to do."""
