"""A small HTTP/1.1 client for the services behind the gateway.

Every request of the product passes here, so its price is part of every answer. A general client spends four times as
much on each call, and repeats PUT and DELETE by itself when a connection breaks, which only a client with an
idempotency key may do.
"""

from gateway.http1.connection import BrokenOff, Connection
from gateway.http1.pool import ConnectFailed, Pool

__all__ = ["BrokenOff", "ConnectFailed", "Connection", "Pool"]
