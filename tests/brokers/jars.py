"""The jars of an Apache Kafka server, fetched once by Maven and kept. `python -m tests.brokers.jars` fetches them."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
POM = ROOT / "deploy" / "kafka" / "pom.xml"
FOLDER = ROOT / ".cache" / "kafka-libs"


class JarsMissing(Exception):
    """The jars are not there and cannot be fetched."""


def kafka_jars() -> Path:
    """The folder of jars; fetches them where they are missing, or older than the pom. Raises `JarsMissing`."""
    done = FOLDER / ".complete"
    if done.exists() and done.stat().st_mtime >= POM.stat().st_mtime:
        return FOLDER
    maven = shutil.which("mvn")
    if maven is None:
        raise JarsMissing("Maven (the program mvn) is not installed, so Kafka's jars cannot be fetched")
    shutil.rmtree(FOLDER, ignore_errors=True)
    fetched = subprocess.run(
        [
            *(maven, "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"),
            *(f"-DoutputDirectory={FOLDER}", "-DincludeScope=runtime"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode != 0:
        raise JarsMissing(f"Maven could not fetch Kafka's jars: {fetched.stdout[-2000:]}")
    done.touch()
    return FOLDER


if __name__ == "__main__":
    try:
        print(f"Kafka's jars are in {kafka_jars().relative_to(ROOT)}")
    except JarsMissing as error:
        sys.exit(str(error))
