"""Certificates for a broker under test: an authority of its own, valid for two days."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_EXTENSIONS = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files: the authority's certificate, and the broker's key followed by its certificate."""

    authority: Path
    server: Path


def make_certificates(openssl: str, folder: Path) -> Certificates:
    """Create an authority and a broker's certificate for loopback, named `CN=broker`."""
    folder.mkdir(parents=True, exist_ok=True)

    def call(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "extensions").write_text(_EXTENSIONS)
    key = ("-newkey", "rsa:2048", "-nodes")
    call("req", "-x509", *key, "-days", "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test-ca")
    call("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=broker")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
    call("x509", "-req", "-in", "server.csr", *signing, "-out", "server.crt")
    server = folder / "server.pem"
    server.write_bytes((folder / "server.key").read_bytes() + (folder / "server.crt").read_bytes())
    return Certificates(folder / "ca.pem", server)
