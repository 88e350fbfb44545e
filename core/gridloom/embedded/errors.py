"""What stops the servers from starting, said so that the reader knows what to do."""


class EmbeddedError(RuntimeError):
    """A server cannot be started; the message is one plain sentence with the next step in it."""
