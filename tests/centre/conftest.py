"""Stores of both kinds, and a PostgreSQL that lives as long as the tests."""

import os
import shutil
import subprocess
import tempfile
import threading
import uuid
from pathlib import Path

import pytest

from ohmscape.centre.bucket import bucket_at
from ohmscape.centre.centre import init_centre
from ohmscape.centre.database import connected, migrate
from ohmscape.centre.local import LocalObjects

BUCKET = "centre"


@pytest.fixture(scope="session")
def s3():
    """An S3 server of our own (moto's); its address is in AWS_* while the session lasts."""
    server_of = pytest.importorskip("moto.server").ThreadedMotoServer
    server = server_of(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    patch = pytest.MonkeyPatch()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():  # fmt: skip
        patch.setenv(name, value)
    import boto3

    boto3.client("s3").create_bucket(Bucket=BUCKET)
    yield f"s3://{BUCKET}"
    patch.undo()
    server.stop()


@pytest.fixture(params=["local", "s3"])
def objects(request, tmp_path):
    """A store that is empty."""
    if request.param == "local":
        return LocalObjects(tmp_path / "objects")
    return bucket_at(
        f"{request.getfixturevalue('s3')}/{tmp_path.name}-{os.getpid()}-{id(tmp_path)}"
    )


@pytest.fixture
def many_threads():
    """Run a function in some threads at once and return what they returned."""

    def run(function, count=8):
        out, began = [], threading.Barrier(count)

        def one(number):
            began.wait()
            out.append(function(number))

        threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return out

    return run


POSTGRES_BIN = "/usr/lib/postgresql/*/bin"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL server of our own; OHMSCAPE_POSTGRES names one that is there instead."""
    told = os.environ.get("OHMSCAPE_POSTGRES")
    if told:
        yield told
        return
    binaries = sorted(Path("/").glob(POSTGRES_BIN.lstrip("/")))
    if not binaries:
        message = "no PostgreSQL in " + POSTGRES_BIN
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="ohmscape-pg-"))
    # it refuses to run as root; then it runs as Debian's user for it
    user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    if user:
        shutil.chown(folder, "postgres", "postgres")

    def run(*words):
        subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL, **user)

    tool = str(binaries[-1] / "pg_ctl")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run(binaries[-1] / "initdb", "-D", folder / "data", "-U", "ohmscape", "-A", "trust",
        "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
    run(tool, "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    yield f"postgresql://ohmscape@/postgres?host={folder}"
    run(tool, "-D", folder / "data", "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(postgres):
    """A database with the tables, to be copied: PostGIS takes a second to be made."""
    name = f"template_{uuid.uuid4().hex}"
    server = connected(postgres).execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
    engine = connected(postgres.replace("/postgres?", f"/{name}?"))
    migrate(engine)
    engine.dispose()
    yield name
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def new_database(postgres, template):
    """Make databases with the tables of a centre; all are dropped at the end."""
    made = []
    server = connected(postgres).execution_options(isolation_level="AUTOCOMMIT")

    def make():
        name = f"t{uuid.uuid4().hex}"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return postgres.replace("/postgres?", f"/{name}?")

    yield make
    with server.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_centre(request, tmp_path):
    """Make empty centres on one kind of database."""
    made = []

    def make(name="centre"):
        on_sqlite = request.param == "sqlite"
        url = "" if on_sqlite else request.getfixturevalue("new_database")()
        made.append(init_centre(tmp_path / name, database=url))
        return made[-1]

    if request.param == "postgresql":
        request.getfixturevalue("new_database")  # so that it ends after the engines below
    yield make
    for one in made:
        one.engine.dispose()


@pytest.fixture
def centre(new_centre):
    """An empty centre."""
    return new_centre()
