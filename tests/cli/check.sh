#!/usr/bin/env bash
# check: whether a scenario file of one's own is right, and where it is not.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
plan 16

catalogue=$CLI/../../scenarios/catalogue
manual=$CLI/../../docs/scenario-format.md

# checked CODE FILE...: how it ends; what it prints is in ./out
checked() {
	local code=$1

	shift
	split timeout -k 1 10 "$MOCKNDES" check "$@"
	same "$code" "$STATUS" "check ${*##*/}: $code"
}

fresh right
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n '/^## Ten lines/,/^## The top/{/^```/,/^```/p}' "$manual" | grep -v '^```' >mine.yaml
checked 0 mine.yaml
same 'mine.yaml: ok (busy-once, 1 rule, 1 probe)' "$(cat out)" 'the ten lines of the manual are right'
same '' "$(cat err)" 'nothing on stderr'
split "$MOCKNDES" check "$catalogue"/*.yaml
same "0 $(find "$catalogue" -name '*.yaml' | wc -l)" "$STATUS $(grep -c ': ok (' out)" \
	'the whole catalogue is right'
split "$MOCKNDES" check - <mine.yaml
"$MOCKNDES" check - <mine.yaml >out
same 'stdin: ok (busy-once, 1 rule, 1 probe)' "$(cat out)" '-: stdin'

fresh wrong
cp ../right/mine.yaml .
sed 's/^group:/gruop:/' mine.yaml >key.yaml
sed 's/layer: http.sys/layer: htp.sys/' mine.yaml >word.yaml
printf 'mockndes: 1\nid: [' >broken.yaml
: >empty.yaml
head -c 300000 /dev/zero | tr '\0' '#' >large.yaml
checked 2 key.yaml mine.yaml word.yaml
has out '^key\.yaml:3:1: .*group.* \[unknown-key\]$' 'a wrong key: where, what, and the nearest'
has out '^word\.yaml:8:[0-9]+: .*http\.sys.* \[unknown-word\]$' 'a wrong word: where, what, and the nearest'
has out '^mine\.yaml: ok ' 'the right one among them'
same 'mockndes: 2 of 3 files cannot be played' "$(cat err)" 'the last line counts'
checked 2 broken.yaml empty.yaml large.yaml none.yaml
same 4 "$(grep -c '^[a-z]*\.yaml.*: .* \[[a-z-]*\]$' out)" 'each has a line with a code'
has out '^none\.yaml: it cannot be read: No such file.*stdin \[unreadable\]$' 'a file that is not there'

fresh json
cp ../wrong/key.yaml ../right/mine.yaml .
split "$MOCKNDES" check --json key.yaml mine.yaml
same '2 []' "$STATUS $(head -c 1 out)$(tail -n 1 out)" 'json: one array'
tr -d ' \n' <out >flat
has flat '\{"file":"key\.yaml","ok":false,"line":3,"column":1,"code":"unknown-key","message":"' 'json: a fault'
has flat '\{"file":"mine\.yaml","ok":true,"id":"busy-once",' 'json: none'
