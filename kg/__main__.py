"""`python -m kg` and the `kg` command."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; `kg query` goes without the parser of all commands where it can."""
    if sys.argv[1:2] == ["query"]:
        from kg import cli_ask

        asked = cli_ask.parse(sys.argv[2:])
        if asked is not None:
            cli_ask.main(asked)
    from kg import cli

    cli.main()


if __name__ == "__main__":
    main()
