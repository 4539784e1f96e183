"""An S3-compatible server on loopback, with a bucket; nothing leaves the machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import fsspec
import pytest

# Only ever sent to a server on loopback that the test starts.
MADE_UP_KEYS = {
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def bucket() -> Iterator[str]:
    """A new bucket of a server of its own; the environment says where it is."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in MADE_UP_KEYS.items():
            patch.setenv(key, value)
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        # Servers of one process share what they hold, and clients are kept.
        name = f"made-up-bucket-{port}"
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        fsspec.filesystem("s3").mkdir(name)
        yield f"s3://{name}"
        fsspec.get_filesystem_class("s3").clear_instance_cache()
    server.stop()
