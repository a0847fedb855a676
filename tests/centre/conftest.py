"""Stores of both kinds, and a PostgreSQL that lives as long as the tests."""

import os
import threading

import pytest

from ohmscape.centre.bucket import bucket_at
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
