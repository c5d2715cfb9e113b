#!/usr/bin/env bash
# list: the catalogue, and its groups.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
plan 11

catalogue=$CLI/../../scenarios/catalogue
files=$(find "$catalogue" -name '*.yaml' | wc -l)

fresh table
split "$MOCKNDES" list
same '0 0' "$STATUS $(wc -c <err)" 'list: 0, and nothing on stderr'
has out '^ID +ALIASES +GROUP +PROVENANCE +TITLE$' 'the columns have a head'
has out '^uri-too-long +414 +documented +documented  .+' 'id, alias, group, provenance and title'
same "$files" "$(sed -n '2,/^$/p' out | grep -c .)" 'one line a scenario'
tail -n +"$((files + 3))" out | tr '\n' ' ' >counts
has counts "^$files scenarios; --group .*[ ,]documented \\([0-9]+\\)" 'the last lines count the groups'
sed -n '2,/^$/p' out | grep . | cut -d' ' -f1 | sort >ids
find "$catalogue" -name '*.yaml' -printf '%f\n' | sed 's/\.yaml$//' | sort >files
same '' "$(diff ids files || true)" 'every file of the catalogue is there'

fresh group
split "$MOCKNDES" list --group documented
same '' "$(tail -n +2 out | grep -v ' documented  *\(captured\|documented\|inferred\)  ' || true)" \
	'--group documented: no other, and no counts'
refused 2 'there is no group documentd; the groups are .*; did you mean documented' \
	list --group documentd

fresh json
split "$MOCKNDES" list --json
same "$files" "$(grep -c '^    "id": ' out)" '--json: all of them'
tr -d ' \n' <out >flat
has flat '"id":"uri-too-long","aliases":\["414"\],.*"layers":\["http\.sys","iis"\]' '--json: with the layers of all settings'
has flat '"params":\[\{"name":"limit","type":"number","default":"2048","min":1,"max":65534,"words":\["stock"\]' \
	'--json: with the parameters'
