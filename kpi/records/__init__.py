"""Raw records of a stream as columns, with the same verdict on each as `schemas.records` gives."""

from kpi.records.decoding import Decoded, Invalid, RecordDecoder, decode

__all__ = ["Decoded", "Invalid", "RecordDecoder", "decode"]
