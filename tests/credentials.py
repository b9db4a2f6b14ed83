"""Files of credentials for tests."""

from pathlib import Path

from services.runtime.buckets import Limit
from services.runtime.credentials import Credential, CredentialsFile
from services.runtime.tokens import Scope, digest, new_token


def credentials_in(folder: Path, *scopes: str, name: str = "caller", limit: Limit | None = None) -> tuple[str, Path]:
    """A token with these scopes, and the file that holds it alone."""
    token, file = new_token(), folder / "credentials.json"
    wanted = tuple(Scope(scope) for scope in scopes)
    credential = Credential(name=name, scopes=wanted, sha256=digest(token), limit=limit)
    file.write_text(CredentialsFile(credentials=(credential,)).model_dump_json())
    return token, file
