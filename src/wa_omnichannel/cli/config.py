"""``wa-omnichannel config``: check a settings file, compare it, put it into force, write it down again."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from wa_omnichannel.cli.databases import add_store, channel_on
from wa_omnichannel.cli.findings import Found, add_options, report
from wa_omnichannel.editions import SettingChange
from wa_omnichannel.explain import LANGUAGES

HELP = "work on the settings of a channel"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add what is below ``config`` to the command line."""
    below = parser.add_subparsers(dest="config_command", required=True, metavar="COMMAND")
    check = below.add_parser("check", help="say what is wrong with a file; exit status 1 if there is an error")
    check.add_argument("files", nargs="+", metavar="FILE", help="YAML, JSON or TOML")
    add_options(check)
    check.set_defaults(run=run_check)
    compare = below.add_parser("diff", help="say what a file would change; exit status 1 if it changes something")
    compare.add_argument("file", metavar="FILE", help="the settings to come")
    compare.add_argument("old", nargs="?", metavar="OLD", help="a file to compare with")
    add_store(compare)
    compare.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    compare.set_defaults(run=run_diff)
    change = below.add_parser("apply", help="put a file into force; running servers obey it with their next decision")
    change.add_argument("file", metavar="FILE")
    change.add_argument("--by", default="", metavar="NAME", help="who does it, for the record (the user of the system)")
    change.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    add_store(change)
    change.set_defaults(run=run_apply)
    export = below.add_parser("export", help="write the settings in force to a file")
    export.add_argument("file", metavar="FILE", help="its suffix says whether YAML or JSON")
    add_store(export)
    export.set_defaults(run=run_export)
    again = below.add_parser("copy", help="copy a workstream with all its rules, in the settings in force or in a file")
    again.add_argument("workstream", metavar="WORKSTREAM", help="name of the original")
    again.add_argument("--name", default="", metavar="NAME", help='name of the copy ("Copy of" the original)')
    again.add_argument("--file", metavar="FILE", help="copy in this file instead; --to says where to write it")
    again.add_argument("--to", metavar="FILE", help="where to write it: YAML or JSON (the same file)")
    again.add_argument("--by", default="", metavar="NAME", help="who does it, for the record (the user of the system)")
    again.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    add_store(again)
    again.set_defaults(run=run_copy)
    ask = below.add_parser("validate", help="ask the provider whether it works; exit status 1 if something does not")
    ask.add_argument("file", metavar="FILE")
    ask.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    ask.set_defaults(run=run_validate)
    urls = below.add_parser("urls", help="print the callback addresses to paste at the provider")
    urls.add_argument("file", metavar="FILE")
    urls.set_defaults(run=run_urls)
    page = below.add_parser("reference", help="print every key with its value, its default and what it does")
    page.set_defaults(run=run_reference)
    schema = below.add_parser("schema", help="write the JSON Schema of settings files, for editors")
    schema.add_argument("file", nargs="?", metavar="FILE", help="where to write it (standard output)")
    schema.set_defaults(run=run_schema)


def run_check(arguments: argparse.Namespace) -> int:
    """Check the files, print what is wrong and return the exit status: 0 if nothing is, otherwise 1."""
    from wa_omnichannel.settings import read_file

    found: list[Found] = [(name, item) for name in arguments.files for item in read_file(Path(name)).findings]
    return report(found, arguments)


def run_diff(arguments: argparse.Namespace) -> int:
    """Print what a file would change and return the exit status: 0 if nothing, otherwise 1."""
    from wa_omnichannel.settings import diff, load
    from wa_omnichannel.settings.versions import drafted, in_force

    settings = load(arguments.file)
    if arguments.old is not None:
        changes = diff(load(arguments.old), settings)
    else:
        with channel_on(arguments.store, settings) as channel:
            changes = drafted(settings, "", in_force(channel)).changes
    _print(changes, arguments.language)
    return int(bool(changes))


def _print(changes: Sequence[SettingChange], language: str) -> None:
    for change in changes:
        print(change.sentence(language))


def run_apply(arguments: argparse.Namespace) -> int:
    """Put a file into force and print what that changed; a file with an error changes nothing."""
    from wa_omnichannel.settings import apply, load

    settings = load(arguments.file)
    with channel_on(arguments.store, settings) as channel:
        _print(apply(channel, settings, arguments.by or getpass.getuser()), arguments.language)
        edition = channel.edition()
    print(f"Edition {edition.number} is in force, by {edition.by}, {edition.at:%Y-%m-%d %H:%M:%S %Z}.")
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Write the settings in force to a file."""
    from wa_omnichannel.settings import settings_of, write_text

    path = Path(arguments.file)
    with channel_on(arguments.store) as channel:
        text = write_text(settings_of(channel.edition()), path.suffix)
    path.write_text(text, encoding="utf-8")
    return 0


def run_copy(arguments: argparse.Namespace) -> int:
    """Copy a workstream and print what that changed (CH-33)."""
    from wa_omnichannel.settings import apply, copied, diff, load, settings_of, write_text

    if arguments.file is not None:
        before = load(arguments.file)
        after = copied(before, arguments.workstream, arguments.name)
        path = Path(arguments.to or arguments.file)
        path.write_text(write_text(after, path.suffix), encoding="utf-8")
        _print(diff(before, after), arguments.language)
        return 0
    with channel_on(arguments.store) as channel:
        after = copied(settings_of(channel.edition()), arguments.workstream, arguments.name)
        _print(apply(channel, after, arguments.by or getpass.getuser()), arguments.language)
    return 0


def run_validate(arguments: argparse.Namespace) -> int:
    """Ask the provider about everything the file names, print the answers and return the exit status (CH-11)."""
    from wa_omnichannel.integrations.validating import validate
    from wa_omnichannel.settings import load

    answers = validate(load(arguments.file), os.environ, datetime.now(UTC))
    for answer in answers:
        print(f"{'ok  ' if answer.ready else 'FIX '} {answer.what}: {answer.sentence(arguments.language)}")
    return int(not all(answer.ready for answer in answers))


def run_urls(arguments: argparse.Namespace) -> int:
    """Print the addresses that the provider must call (CH-6)."""
    from wa_omnichannel.settings import load

    account = load(arguments.file).provider()
    print(f"when a message comes in   {account.inbound_url}")
    print(f"status callback           {account.status_url}")
    return 0


def run_reference(_: argparse.Namespace) -> int:
    """Print the keys of a settings file as tables in Markdown."""
    from wa_omnichannel.settings import tables

    print(tables(), end="")
    return 0


def run_schema(arguments: argparse.Namespace) -> int:
    """Write the JSON Schema."""
    from wa_omnichannel.settings import schema

    text = json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"
    if arguments.file is None:
        sys.stdout.write(text)
    else:
        Path(arguments.file).write_text(text, encoding="utf-8")
    return 0
