"""A task: partition n of all topics of a unit, from raw records to the records of a flush.

Pure: no Kafka, no clock of its own.
"""
