"""Which cells there are, and what was measured for them elsewhere.

    clients-documented.tsv    client, choice, outcome, why: the cells that are run each time
    client-rows-*.tsv         row, choice, scepclient, pki, certmonger: outcomes measured
                              with other servers
    clients-differences.tsv   client, choice, outcome, reason: where ours is another

A choice is what --scenario takes; options of mockndes may follow behind a blank.
"""

import json
import pathlib
import subprocess
from dataclasses import dataclass

import yaml

CATALOGUE = pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "catalogue"

CLIENT_NAMES = ("scepclient", "pki", "certmonger")
ALL_CLIENTS_MEET = {"pki", "caps", "caps_without"}  # of what `server` in a scenario can say
NOT_MEASURED = ("", "-", "?")


class BadTable(Exception):
    """A line of a table that says nothing; the text names file and line."""


@dataclass
class Measured:
    row: str
    choice: str
    outcomes: dict
    where: str


class Catalogue:
    """What `mockndes list --json` tells."""

    def __init__(self, mockndes):
        done = subprocess.run([mockndes, "list", "--json"], capture_output=True, timeout=60,
                              check=True)
        self.scenarios = json.loads(done.stdout)
        self.by_name = {}
        for scenario in self.scenarios:
            for name in [scenario["id"], *scenario["aliases"]]:
                self.by_name[name] = scenario

    def group(self, choice):
        return self.by_name[choice.split()[0].partition(":")[0]]["group"]

    def canonical(self, choice):
        """With the id, without what is the default, settings in the scenario's order."""
        named, *options = choice.split()
        name, _, settings = named.partition(":")
        scenario = self.by_name.get(name)
        if not scenario:
            raise BadTable(f"there is no scenario {name}")
        given = dict(item.split("=", 1) for item in settings.split(",") if "=" in item)
        parts = []
        for param in scenario["params"]:
            value = given.pop(param["name"], param["default"])
            if value != param["default"]:
                parts.append(f"{param['name']}={value}")
        if given:
            raise BadTable(f"{name} has no parameter {', '.join(given)}")
        return " ".join([scenario["id"] + (":" if parts else "") + ",".join(parts), *options])

    def changes_server(self, choice):
        """Whether each client meets it: the certificates or capabilities are others."""
        name, _, settings = choice.split()[0].partition(":")
        scenario = self.by_name[name]
        values = {param["name"]: param["default"] for param in scenario["params"]}
        values.update(item.split("=", 1) for item in settings.split(",") if "=" in item)
        text = (CATALOGUE / f"{scenario['id']}.yaml").read_text(encoding="utf-8")
        return any(ALL_CLIENTS_MEET & item.keys() and
                   all(str(value) == values.get(key)
                       for key, value in item.get("with", {}).items())
                   for item in yaml.safe_load(text).get("server", []))

    def choices(self):
        """Each scenario, and each word of each parameter by itself."""
        found = []
        for scenario in self.scenarios:
            found.append(scenario["id"])
            for param in scenario["params"]:
                found += [f"{scenario['id']}:{param['name']}={word}"
                          for word in param["words"] if word != param["default"]]
        return found

    def in_order(self, choices):
        """Without doubles, each behind the others of its scenario."""
        place = {scenario["id"]: i for i, scenario in enumerate(self.scenarios)}
        unique = list(dict.fromkeys(choices))
        return sorted(unique, key=lambda choice: place[choice.split()[0].partition(":")[0]])


def table(path, columns):
    """The lines of a .tsv, with their places; a line that begins with # says nothing,
    nor does a head that names the columns."""
    lines = []
    if not path.exists():
        return lines
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = [field.strip() for field in line.split("\t")]
        if not line.strip() or line.startswith("#") or fields[:2] == list(columns)[:2]:
            continue
        where = f"{path.name}:{number}"
        if len(fields) != len(columns):
            raise BadTable(f"{where}: {len(fields)} columns, there should be {len(columns)}: "
                           f"{', '.join(columns)}, with a tab between")
        lines.append((where, fields))
    return lines


def canonical_at(catalogue, where, choice):
    try:
        return catalogue.canonical(choice)
    except BadTable as fault:
        raise BadTable(f"{where}: {fault}") from None


def measured(catalogue, folder):
    """All rows of client-rows-*.tsv."""
    rows = []
    for path in sorted(folder.glob("client-rows-*.tsv")):
        for where, fields in table(path, ("row", "choice", *CLIENT_NAMES)):
            if fields[1] in NOT_MEASURED:  # no scenario gives this answer
                continue
            choice = canonical_at(catalogue, where, fields[1])
            outcomes = {name: word for name, word in zip(CLIENT_NAMES, fields[2:])
                        if word not in NOT_MEASURED}
            rows.append(Measured(fields[0], choice, outcomes, where))
    return rows


def by_cell(catalogue, path, columns):
    """(client, canonical choice) to (where, the two other fields)."""
    cells = {}
    for where, fields in table(path, columns):
        if fields[0] not in CLIENT_NAMES:
            raise BadTable(f"{where}: there is no client {fields[0]}")
        cells[fields[0], canonical_at(catalogue, where, fields[1])] = (where, *fields[2:])
    return cells


def documented(catalogue, folder):
    return by_cell(catalogue, folder / "clients-documented.tsv",
                   ("client", "choice", "outcome", "why"))


def differences(catalogue, folder):
    return by_cell(catalogue, folder / "clients-differences.tsv",
                   ("client", "choice", "outcome", "reason"))


def agrees(word, outcome):
    """Whether the outcome is what a measured word means. The words are coarser: "fail"
    has no code, "error" is a failure without a failInfo, "generic" one without a reason;
    "unreachable" is certmonger's exit code 3."""
    if word == outcome:
        return True
    if word == "fail":
        return outcome.startswith("fail ") or outcome == "generic"
    if word == "error":
        return outcome.startswith("fail ")
    if word == "generic":
        return outcome.startswith("fail ")
    return word == "unreachable" and outcome == "fail 3"
