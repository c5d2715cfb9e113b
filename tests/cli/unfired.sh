#!/usr/bin/env bash
# mockndes -- COMMAND: when the fault never fired, nothing was proved.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 16

# makes every fault that takes all requests fire
fire='curl -s -o /dev/null "$MOCKNDES_URL";'

fresh ok
judged 0 '--child ok, the fault fired' --scenario 500 -- "$fire exit 0"
judged 7 '--child ok, the fault fired, a failure' --scenario 500 -- "$fire exit 7"
judged 7 '--child ok, unfired, a failure: its own code comes first' --scenario 500 -- 'exit 7'

fresh unfired
judged 4 'unfired' --scenario 414 -- "$fire exit 0"
has last '^mockndes: exit 4: nothing was proved, the fault never fired: uri-too-long/long-get waits for GET, query over 2048 bytes; --allow-unfired ' \
	'unfired: the last line names the request that it waits for'
judged 4 'unfired, --child fail' --scenario 414:limit=4096 --child fail -- 'exit 1'
has last ' over 4096 bytes; ' 'unfired: with the parameter in force'
judged 0 'unfired, --allow-unfired' --scenario 414 --allow-unfired -- 'exit 0'
judged 0 'unfired, --allow-unfired, --child fail' --scenario 414 --allow-unfired --child fail -- 'exit 1'

fresh healthy
judged 0 'healthy never is unfired' -- 'exit 0'
judged 0 'healthy, --child fail' --child fail -- 'exit 1'
judged 3 'healthy, --child fail, 0' --child fail -- 'exit 0'

fresh pass
cat >own.yaml <<'END'
mockndes: 1
id: own
group: own
title: GetCACaps is let through, a PKIOperation is not
outcome: must-fail
doc: {symptom: x, cause: y, fix: z, provenance: inferred, sources: [{url: "https://example.org/"}]}
rules:
  - {id: let, match: {operation: GetCACaps}, pass: {}}
  - {id: broken, match: {operation: PKIOperation}, respond: {status: 500, layer: mscep}}
probes:
  - {send: {operation: PKIOperation}, want: {status: 500}}
END
judged 4 'a rule that lets pass is not the fault' --scenario-file own.yaml -- \
	'curl -s -o /dev/null "$MOCKNDES_URL?operation=GetCACaps"'
has last 'fired: own/broken waits for PKIOperation below /certsrv/mscep; --allow' 'and is not waited for'
sed '/id: broken/d' own.yaml >passing.yaml
judged 0 'where all rules let pass there is no fault to fire' --scenario-file passing.yaml -- 'exit 0'
judged 3 'but COMMAND is judged' --scenario-file passing.yaml --child fail -- 'exit 0'
