"""What can go wrong in a way the user can mend."""


class LabelListError(Exception):
    """A list could not be imported; the message says why and what to do.

    The file of labels is as it was.
    """
