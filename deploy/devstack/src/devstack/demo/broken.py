"""The one way in which the story can go wrong."""


class PromiseBroken(Exception):
    """Something is not as promised; the text is a sentence that says what."""
