"""Objects in any S3-compatible store, put on the condition that they are not there yet."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ohmscape.centre.local import opened
from ohmscape.centre.objects import CHUNK, Stored, copied, damaged, key_of, missing, name_of
from ohmscape.errors import CentreError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = ("s3://", "memory://")


@dataclass(frozen=True)
class BucketObjects:
    """A store in a bucket.

    Parameters
    ----------
    store : obstore store
        Bound to the bucket and prefix; `bucket_at` makes one.
    """

    store: "ObjectStore"

    def put(self, source: Path | bytes) -> Stored:
        """Store a file or bytes, unless the same are there.

        Raises
        ------
        CentreError
            The source cannot be read, or the bucket not be written.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            with opened(source) as stream:
                stored = copied(stream)
            key = key_of(stored.sha256)
            try:
                obstore.put(self.store, key, source, mode="create", use_multipart=False)
            except AlreadyExistsError:
                if self._hash(key) != stored.sha256:  # damaged: the good bytes take the place
                    obstore.put(self.store, key, source, mode="overwrite")
        except (OSError, BaseError) as error:
            raise CentreError(
                f"object cannot be stored: {_first_line(error)}",
                mend="check the bucket's name, its keys and the network",
            ) from error
        return stored

    def fetch(self, sha256: str, target: Path) -> None:
        """Write an object to a file, checked.

        Raises
        ------
        DamageError
            Missing, or not what its name says; then there is no file.
        """
        with target.open("xb") as copy:
            found = self._hash(key_of(sha256), copy)
        if found != sha256:
            target.unlink()
            raise missing(sha256) if found is None else damaged(sha256)

    def read(self, sha256: str) -> bytes:
        """Return an object, checked.

        Raises
        ------
        DamageError
            Missing, or not what its name says.
        """
        content = io.BytesIO()
        found = self._hash(key_of(sha256), content)
        if found != sha256:
            raise missing(sha256) if found is None else damaged(sha256)
        return content.getvalue()

    def has(self, sha256: str) -> bool:
        """Return whether there is an object of this name."""
        import obstore

        try:
            obstore.head(self.store, key_of(sha256))
        except FileNotFoundError:
            return False
        return True

    def remove(self, sha256: str) -> None:
        """Remove an object if it is there."""
        import obstore

        if self.has(sha256):
            obstore.delete(self.store, key_of(sha256))

    def listed(self) -> Iterator[Stored]:
        """Yield all objects, in no order."""
        import obstore

        for batch in obstore.list(self.store, "sha256"):
            for one in batch:
                name = name_of(one["path"])
                if name is not None:
                    yield Stored(name, one["size"])

    def sweep(self, seconds: float) -> int:
        """Return 0: a bucket never shows an unfinished object."""
        return 0

    def _hash(self, key: str, copy: Any = None) -> str | None:
        """Return the hash of what is there, None if nothing is; copy it on the way."""
        import hashlib

        import obstore

        try:
            chunks = obstore.get(self.store, key).stream(min_chunk_size=CHUNK)
        except FileNotFoundError:
            return None
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            if copy is not None:
                copy.write(bytes(chunk))
        return digest.hexdigest()


def bucket_at(url: str) -> BucketObjects:
    """Return the store at ``s3://bucket/prefix``; keys, region and endpoint come from AWS_*.

    Raises
    ------
    CentreError
        No such kind of store.
    """
    import os

    from obstore.store import from_url

    if not url.startswith(SCHEMES):
        raise CentreError(f"no store at {url!r}", mend=f"one of {', '.join(SCHEMES)}")
    plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
    options: dict[str, Any] = {"client_options": {"allow_http": True}} if plain else {}
    return BucketObjects(from_url(url, **options))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
