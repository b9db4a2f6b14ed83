"""Files of events, or of rows that become events, straight to Kafka."""

from services.ingest.importing.files import FileRefused
from services.ingest.importing.results import FileResult, ImportReport, ImportResult
from services.ingest.importing.run import ImportRefused, import_files

__all__ = ["FileRefused", "FileResult", "ImportRefused", "ImportReport", "ImportResult", "import_files"]
