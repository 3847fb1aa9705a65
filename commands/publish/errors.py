"""What stops a publication."""


class PublishError(Exception):
    """A sentence for the user that says what is wrong and what to do."""
