#!/usr/bin/env python3
"""Ask charlie-mediawiki whether releases of MediaWiki may be deployed.

    preflight.py ENVIRONMENT NAMESPACE/RELEASE...

Python 3.9 or newer, standard library only. The command is `charlie-mediawiki`, or what the variable CHARLIE_MEDIAWIKI
names (words with spaces between them). Exit codes are those of the command: 0 ready, 1 not ready, 2 usage or
configuration, 3 could not find out.
"""

import json
import os
import subprocess
import sys

READY, NOT_READY, USAGE, UNKNOWN = 0, 1, 2, 3


class PreflightError(Exception):
    """There is no report: the command could not be run, or refused the question."""

    def __init__(self, message, exit_code):
        super().__init__(message)
        self.exit_code = exit_code


def preflight(environment, releases, timeout=30):
    """Returns the report, as docs/json.md has it, and the exit code: READY, NOT_READY or UNKNOWN.

    `releases` are texts NAMESPACE/RELEASE. `timeout` is in seconds. A preflight never changes anything, so it can be
    asked as often as you like.
    """
    command = os.environ.get("CHARLIE_MEDIAWIKI", "charlie-mediawiki").split()
    arguments = ["preflight", "--stdin", "--output", "json", "--timeout", str(timeout)]
    request = json.dumps({"environment": environment, "releases": list(releases)})
    try:
        done = subprocess.run(
            [*command, *arguments],
            input=request,
            capture_output=True,
            encoding="utf-8",
            check=False,
            # The command ends by itself: this is for a host that is out of memory, or a file system that hangs.
            timeout=timeout + 15,
        )
    except (FileNotFoundError, PermissionError) as error:
        hint = "put it on PATH, or name it by the variable CHARLIE_MEDIAWIKI"
        raise PreflightError(f"{command[0]} cannot be run: {error.strerror}: {hint}", USAGE) from error
    except OSError as error:
        raise PreflightError(f"{command[0]} cannot be run: {error.strerror}", UNKNOWN) from error
    except subprocess.TimeoutExpired as error:
        raise PreflightError(f"no answer within {timeout + 15} s", UNKNOWN) from error
    if done.returncode not in (READY, NOT_READY, UNKNOWN) or not done.stdout:
        raise PreflightError(done.stderr.strip(), done.returncode if done.returncode == USAGE else UNKNOWN)
    try:
        report = json.loads(done.stdout)
        version = report["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise PreflightError(f"the answer is no report: {error}", UNKNOWN) from error
    if version != 1:
        raise PreflightError(f"version {version} of the report is not known here", UNKNOWN)
    return report, done.returncode


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return USAGE
    environment, *releases = arguments
    try:
        report, exit_code = preflight(environment, releases)
    except PreflightError as error:
        print(f"no preflight: {error}", file=sys.stderr)
        return error.exit_code
    unread = {fault["namespace"] for fault in report["couldNotCheck"]}
    for target in report["targets"]:
        name = f"{target['namespace']}/{target['release']}"
        # A release that is not there yet has nothing to compare with.
        action = {True: "apply", False: "sync", None: "apply or sync is not known"}[target["exists"]]
        state = "ready" if target["ready"] else "not ready"
        # Nothing was found, and not all was seen: that is no "not ready".
        if target["namespace"] in unread and all(found["severity"] != "error" for found in target["findings"]):
            state = "not known whether ready"
        print(f"{name}: {state} ({action})")
        for finding in target["findings"]:
            print(f"  {finding['severity']} {finding['code']}: {finding['subject']}: {finding['message']}")
            if finding["remedy"]:
                print(f"    to do: {finding['remedy']}")
    for fault in report["couldNotCheck"]:
        print(f"could not look at {fault['subject']} of {fault['namespace']}: {fault['message']}")
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
