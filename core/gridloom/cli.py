"""`gridloom …`: everything an operator types."""

import typer

from gridloom.commands import audit, county, figures, plugin, reads
from gridloom.commands.demo import demo
from gridloom.commands.migrate import migrate
from gridloom.commands.serve import serve, work

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Gridloom 织网: a county's grids, cases, whistles and the departments' mechanisms.",
)
app.command("demo")(demo)
app.command("serve")(serve)
app.command("worker")(work)
app.command("migrate")(migrate)
app.add_typer(county.group, name="county")
app.add_typer(plugin.group, name="plugin")
app.add_typer(audit.group, name="audit")
app.add_typer(reads.group, name="reads")
app.add_typer(figures.group, name="figures")


def main() -> None:
    """Entry point of the `gridloom` program."""
    app()


if __name__ == "__main__":
    main()
