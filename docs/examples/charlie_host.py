#!/usr/bin/env python3
"""Deploys services in the order that charlie-mediawiki says, one helmfile after the other, as charlie runs them.

    charlie_host.py apply|restore ENVIRONMENT [--services_dir DIR] [--inventory FILE] [--exclude SERVICE]...
                    [--support-only] [--dry_run]

Python 3.9 or newer, standard library only. The command is `charlie-mediawiki`, or what the variable CHARLIE_MEDIAWIKI
names (words with spaces between them). Exit codes: 0 done, 1 something failed or was blocked, 2 there is no such command,
else that of the command.
"""

import argparse
import functools
import json
import os
import shlex
import shutil
import subprocess
import sys
import time

COMMAND = os.environ.get("CHARLIE_MEDIAWIKI", "charlie-mediawiki").split()

# They change which releases a helmfile names, where to, or what helmfile asks: that must not come from the operator's shell.
WITHHELD = """
    RELEASE_NAME HELMFILE_ENVIRONMENT HELMFILE_FILE_PATH HELMFILE_NAMESPACE HELMFILE_KUBE_CONTEXT HELMFILE_EXPERIMENTAL
    HELMFILE_INTERACTIVE HELMFILE_LOG_LEVEL HELMFILE_DEBUG HELMFILE_QUIET HELMFILE_COLOR HELMFILE_NO_COLOR
    HELM_NAMESPACE HELM_KUBECONTEXT HELM_KUBEAPISERVER HELM_KUBETOKEN HELM_KUBECAFILE HELM_KUBEASUSER HELM_KUBEASGROUPS
""".split()


# What docs/hosts.md shows begins here.
def ask(*words, **request):
    """One question, one answer. Why there is none the command has told already, on stderr."""
    text = json.dumps({"version": 1, **request})
    done = subprocess.run([*COMMAND, *words], input=text, stdout=subprocess.PIPE, encoding="utf-8")
    return json.loads(done.stdout) if done.returncode == 0 else sys.exit(done.returncode)


def make_plan(options, flags):
    where = ["--inventory", options.inventory] if options.inventory else ["--services_dir", options.services_dir]
    answer = ask(
        "hook",
        "rollout:plan",
        tree=ask("inventory", "--environment", options.environment, *where),
        mode=options.mode,
        servicesDir=os.path.abspath(options.services_dir),
        selection={"service": [], "exclude": options.exclude, "priority": []},
        flags=flags,
    )
    return answer.get("plan") or sys.exit(2)


def deploy(plan, flags, run):
    outcomes, commands = {}, {}

    @functools.cache
    def may_begin(stage):
        answer = ask("hook", "stage:before", plan=plan, stage=stage, outcomes=outcomes)
        print(f"stage {stage}: {'begins' if answer['proceed'] else answer.get('reason')}", flush=True)
        return answer["proceed"]

    @functools.cache
    def is_open(gate):
        about = {"plan": plan, "gate": gate, "outcomes": outcomes}
        about["stage"] = next(one["stage"] for one in plan["gates"] if one["id"] == gate)
        began, answer = time.monotonic(), {"open": False, "againInSeconds": 0}
        while not answer["open"] and "againInSeconds" in answer:
            time.sleep(answer["againInSeconds"])
            answer = ask("hook", "stage:after", waitedSeconds=time.monotonic() - began, **about)
        print(f"gate {gate}: {answer['reason']}", flush=True)
        return answer["open"]

    for step in plan["steps"]:
        done = all(outcomes[before] == "succeeded" for before in step["after"])
        begins = done and all(map(is_open, step.get("gates", []))) and may_begin(step["stage"])
        outcomes[step["id"]] = run(["helmfile", *step["args"]], step.get("kubeconfig")) if begins else "blocked"
    for stage in (one for one in plan["stages"] if "run" in one):
        begins = all(map(is_open, stage.get("runAfter", []))) and may_begin(stage["name"])
        commands[stage["name"]] = run(stage["run"], None) if begins else "blocked"
    notes = ask("hook", "rollout:finish", plan=plan, outcomes=outcomes, commands=commands, flags=flags)["notes"]
    print(*notes, sep="\n", end="\n" if notes else "")
    return all(outcome == "succeeded" for outcome in [*outcomes.values(), *commands.values()])
# What docs/hosts.md shows ends here.


def run(words, kubeconfig):
    """How one command ended: `succeeded` or `failed`."""
    print("$", *words, flush=True)
    env = {name: value for name, value in os.environ.items() if name not in WITHHELD}
    env.update(HELMFILE_RENDER_YAML="true", SUPPRESS_SAL="true", **({"KUBECONFIG": kubeconfig} if kubeconfig else {}))
    return "succeeded" if subprocess.run(words, env=env).returncode == 0 else "failed"


def main():
    parser = argparse.ArgumentParser(description="Deploys services in the order that charlie-mediawiki says.")
    parser.add_argument("mode", choices=["apply", "restore"])
    parser.add_argument("environment")
    parser.add_argument("--services_dir", default="/srv/deployment-charts/helmfile.d/services")
    parser.add_argument("--inventory", help="what helmfile lists, from a file")
    parser.add_argument("--exclude", action="append", default=[], help="not this service")
    parser.add_argument("--support-only", action="store_true", help="only what MediaWiki needs")
    parser.add_argument("--dry_run", action="store_true", help="print the commands, and run nothing")
    options = parser.parse_args()
    if not shutil.which(COMMAND[0]):
        hint = "put it on PATH, or name it by the variable CHARLIE_MEDIAWIKI"
        print(f"{COMMAND[0]} cannot be run: there is no such program: {hint}", file=sys.stderr)
        return 2
    flags = {"support-only": True} if options.support_only else {}
    plan = make_plan(options, flags)
    unreadable = ", ".join(one["service"] for one in plan["unreadable"])
    if unreadable and options.mode == "restore":
        print(f"nothing is deployed while these cannot be read: {unreadable} (leave them out with --exclude)", file=sys.stderr)
        return 2
    if options.dry_run:
        for step in plan["steps"]:
            print(shlex.join(["helmfile", *step["args"]]))
        for stage in (one for one in plan["stages"] if "run" in one):
            print(shlex.join(stage["run"]))
        return 0
    return 0 if deploy(plan, flags, run) and not unreadable else 1


if __name__ == "__main__":
    sys.exit(main())
