"""Stands between a program and its server, and does something when so many bytes have passed."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType


class Proxy:
    """`with Proxy(port, after, do) as proxy:`; what connects to `proxy.port` reaches `port`.

    `do` is called once, when `after` bytes were sent to the server since the proxy was armed; the
    bytes that come next are held back until it has returned.
    """

    def __init__(self, port: int, after: int, do: Callable[["Proxy"], None]) -> None:
        self.server, self.after, self.do = port, after, do
        self.done = threading.Event()
        self.passed = 0
        self._armed = False
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> "Proxy":
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(timeout=10)

    def arm(self) -> None:
        """Count bytes from now on."""
        self._armed = True

    def cut(self) -> None:
        """Cut every connection, without a farewell."""
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server), timeout=20)
                server.settimeout(None)
                self._open += [client, server]
                for one, other in ((client, server), (server, client)):
                    thread = threading.Thread(target=self._pass_on, args=(one, other), daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        to_server = other.getpeername()[1] == self.server
        with suppress(OSError):
            while part := one.recv(4096):
                if to_server:
                    self._count(len(part))
                other.sendall(part)
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    def _count(self, size: int) -> None:
        self.passed += size if self._armed else 0
        if self.passed > self.after and not self.done.is_set():
            self.done.set()
            self.do(self)
