"""The commands that put events in: by hand, from files, or made up."""

import typer

commands = typer.Typer()
