#!/usr/bin/env bash
# What a scenario expects of a client, judged when the server ends: exit code 3.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 22

head -c 3000 /dev/zero | tr '\0' A >long # the message of a GET over 2048 bytes
get='curl -s -o /dev/null "$MOCKNDES_URL?operation=PKIOperation&message=$(cat long)";'
post='curl -s -o /dev/null --data-binary @long "$MOCKNDES_URL?operation=PKIOperation";'

fresh get-after-414
judged 3 'GET again after the 414' --scenario 414:post=offered -- "cp '$TAP_DIR/long' long; $get $get exit 0"
has last '^mockndes: exit 3: uri-too-long/switches-to-post' 'the last line names the expectation'
has last 'POST' 'and says what a client should have done'
judged 0 'POST after the 414' --scenario 414:post=offered -- "cp '$TAP_DIR/long' long; $get $post exit 0"
judged 9 'a code of its own comes first' --scenario 414:post=offered -- \
	"cp '$TAP_DIR/long' long; $get exit 9"
judged 3 'and behind --child fail' --scenario 414:post=offered --child fail -- \
	"cp '$TAP_DIR/long' long; $get exit 9"
judged 0 'nothing is expected where POST is not offered' --scenario 414 -- \
	"cp '$TAP_DIR/long' long; $get exit 0"

fresh skipped
split "$MOCKNDES" --scenario 414:post=offered --allow-unfired -- sh -c 'exit 0'
same 0 "$STATUS" 'a rule that never fired has nothing to be judged by'
has err '^mockndes: skipped: uri-too-long/switches-to-post' 'and that is said'
judged 4 'unfired comes behind' --scenario 414:post=offered -- 'exit 0'

fresh levels
cat >own.yaml <<'END'
mockndes: 1
id: own
group: own
title: A client asks once
outcome: must-fail
doc: {symptom: x, cause: y, fix: z, provenance: inferred, sources: [{url: "https://example.org/"}]}
rules:
  - {id: broken, match: {operation: GetCACert}, respond: {status: 500, layer: mscep}}
expect:
  - {id: asks-once, request: {operation: GetCACert}, count: {max: 1}, level: warning, hint: Stop.}
  - {id: never-posts, request: {method: POST}, count: {max: 0}, level: note}
probes:
  - {send: {operation: GetCACert}, want: {status: 500}}
END
ask='curl -s -o /dev/null "$MOCKNDES_URL?operation=GetCACert&message=x";'
judged 0 'a warning is no failure' --scenario-file own.yaml -- "$ask $ask exit 0"
has err '^mockndes: warning: own/asks-once: 2 GetCACert requests came, at most 1 is expected; Stop\.$' \
	'but it is told, with its hint'
lacks err 'never-posts' 'what holds is not'
sed -i 's/, level: warning//' own.yaml
judged 3 'an error is' --scenario-file own.yaml -- "$ask $ask exit 0"
has last '^mockndes: exit 3: own/asks-once: 2 GetCACert requests' 'with the same sentence'

fresh plain
cp ../levels/own.yaml .
server_start --quiet --scenario-file own.yaml
for _ in 1 2; do
	curl -s -o /dev/null "$SERVER_URL?operation=GetCACert&message=x"
done
kill -TERM "$SERVER_PID"
code=0
wait "$SERVER_PID" || code=$?
SERVER_PID=
same 3 "$code" 'a server without COMMAND judges when it is stopped'

fresh paths
judged 4 'a path that names no scenario' --scenario 500 -- \
	'curl -s -o /dev/null "$MOCKNDES_URL"; curl -s "$MOCKNDES_BASE/s/41/certsrv/mscep/mscep.dll" >body; exit 0'
has last '^mockndes: exit 4: a path chose no scenario: .*414' 'with the nearest ones'
has body '414' 'which the answer names too'
judged 0 'a path that names one' --scenario 500 -- \
	'curl -s -o /dev/null "$MOCKNDES_URL"; curl -s -o /dev/null "$MOCKNDES_BASE/s/healthy/certsrv/mscep/mscep.dll"; exit 0'
judged 3 'is judged as well' -- \
	"cp '$TAP_DIR/long' long; curl -s -o /dev/null \"\$MOCKNDES_BASE/s/414:post=offered@a/certsrv/mscep/mscep.dll?operation=PKIOperation&message=\$(cat long)\"; exit 0"
judged 2 'a scenario for the other profile' --scenario connector-missing --profile ndes -- 'exit 0'
