"""The page that a whole run of the matrix makes: docs/clients.md."""

import datetime

HEAD = """<!-- made by tools/test --full -->
# What three clients make of each fault

Each scenario, and each word of each of its parameters, met once by the three SCEP clients that Debian packages:
one enrolment with a fresh key, against a server of its own on 127.0.0.1.

| outcome | what it says |
|---|---|
| ok | the client has its certificate |
| ok, not met | so it has, and none of its requests was one that the fault touches |
| reported | it was refused, and names the failInfo that it was sent |
| fail N | it ended with exit code N; for certmonger that of `getcert request -w`: 2 rejected, 3 unreachable, 4 needs guidance |
| generic | pki says that the status is not SUCCESS, and not why |
| gave up | pki was still told PENDING when its own patience ended (`--maxpolltime 4`) |
| waits 30 s, waits | PENDING: scepclient sleeps 30 seconds before it asks again, certmonger days |
| panic | the client crashed |
| timeout | it had no end after %(patience)s |
| skipped | the machine cannot run it |

pki 5.9.8 refuses the capabilities of NDES, which lack AES; it is run with `--cipher des3` against `--caps %(caps)s`.
"""


def escaped(text):
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def shown(cell):
    if cell is None:
        return ""
    if cell.trouble:
        return escaped(cell.trouble)
    if cell.outcome == "ok":
        return "ok" if cell.is_met else "ok, not met"
    return f"{cell.outcome}: {escaped(cell.message)}" if cell.message else cell.outcome


def tables(catalogue, cells, names):
    """One a group, in the order of `mockndes list`."""
    by_choice = {}
    for cell in cells:
        by_choice.setdefault(cell.choice, {})[cell.client] = cell
    group = None
    for choice in catalogue.in_order(by_choice):
        if catalogue.group(choice) != group:
            group = catalogue.group(choice)
            yield f"\n## {group}\n"
            yield f"| `--scenario` | {' | '.join(names)} |"
            yield "|---" * (len(names) + 1) + "|"
        row = [shown(by_choice[choice].get(name)) for name in names]
        yield f"| `{choice}` | {' | '.join(row)} |"


def differences(found):
    """`found`: tuples of client, choice, row, measured, outcome, reason."""
    yield "\n## Differences\n"
    if not found:
        yield "None: where an outcome is known from other servers, it is the same here."
        return
    yield "Where the outcome with another server that gives the same answer was not the same:\n"
    yield "| client | `--scenario` | answer | there | here | why |"
    yield "|---|---|---|---|---|---|"
    for client, choice, row, word, outcome, reason in found:
        yield f"| {client} | `{choice}` | {escaped(row)} | {word} | {outcome} | {escaped(reason)} |"


def write(path, catalogue, cells, clients, compared, found, caps):
    """`compared`: how many outcomes were held against measured ones."""
    patience = ", ".join(f"{client.patience} seconds ({name})"
                         for name, client in clients.items())
    lines = [HEAD % {"patience": patience, "caps": caps}]
    lines[0] = lines[0].rstrip("\n")
    lines += tables(catalogue, cells, list(clients))
    lines += differences(found)
    lines.append(f"\n{len(cells)} enrolments; {compared} of them are held against outcomes "
                 "known from other servers.\n")
    lines += ["| client | version | Debian packages |", "|---|---|---|"]
    lines += [f"| {name} | {client.version()} | {client.packages} |"
              for name, client in clients.items()]
    lines.append(f"\n{datetime.date.today().isoformat()}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
