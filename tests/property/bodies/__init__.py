"""Each body of an entity, declared with small time constants, and what it must equal."""
