"""The scenarios, a module for each kind of fault."""
