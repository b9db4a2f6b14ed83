"""The typed client of ingest."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from services.client.errors import Refused
from services.client.models import Accepted
from services.client.transport import Transport, read


class IngestClient(Transport):
    """Sends events. Its errors are those of `Transport.send`."""

    def send_events(self, stream: str, events: Iterable[Mapping[str, JsonValue]]) -> Accepted:
        """Send events of one stream. Where all were rejected, the answer says so as well."""
        body = [dict(event) for event in events]
        try:
            response = self.send("POST", f"/v1/streams/{stream}/events", json=body)
        except Refused as error:
            if not error.problem.rejected:
                raise
            return Accepted(accepted=0, rejected=error.problem.rejected)
        return read(Accepted, response)
