"""`scangate schema`."""

import json

import click

from scangate import config, plugins
from scangate.config.validation import shipped


@click.command("schema")
@click.argument("which", type=click.Choice(["config", "policy"]))
def command(*, which: str) -> None:
    """Print the JSON Schema (draft-07) of scangate.yml or of a policy, for editors and checks."""
    schema = config.config_schema(plugins.scanners()) if which == "config" else shipped("policy")
    click.echo(json.dumps(schema, indent=2))
