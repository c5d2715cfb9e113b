#!/usr/bin/env bash
# mockndes -- COMMAND: when its end is what was asked for, and when nothing was proved.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 25

fire='curl -s -o /dev/null "$MOCKNDES_URL";'

# judged CODE WHO OPTION... -- SCRIPT: sh runs SCRIPT; its last line in ./last
judged() {
	local code=$1 who=$2 options=()

	shift 2
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	split "$MOCKNDES" --quiet "${options[@]}" -- sh -c "$2"
	tail -n 1 err >last
	same "$code" "$STATUS" "$who: $code"
}

fresh fail
judged 0 '--child fail, the fault fired, a plain failure' --scenario 500 --child fail -- "$fire exit 22"
same '' "$(cat err)" 'and there is nothing to say'
judged 3 '--child fail, the fault fired, COMMAND ends well' --scenario 500 --child fail -- "$fire exit 0"
has last '^mockndes: exit 3: COMMAND ended with 0; --child fail ' 'and the last line says so'
judged 3 '--child fail, COMMAND crashes' --scenario 500 --child fail -- "$fire"' kill -SEGV $$'
has last '^mockndes: exit 3: .*signal 11' 'and the last line names the signal'
judged 3 '--child fail, a shell reports a crash' --scenario 500 --child fail -- "$fire exit 139"
judged 3 '--child fail, a shell finds no command' --scenario 500 --child fail -- "$fire no-such-command"
split "$MOCKNDES" --quiet --scenario 500 --child fail -- no-such-command
same 127 "$STATUS" '--child fail, COMMAND itself is not there: 127'
judged 124 '--child fail, too late' --scenario 500 --child fail --timeout 200ms -- 'sleep 60'

fresh any
judged 0 '--child any, the fault fired, a failure' --scenario 500 --child any -- "$fire exit 5"
judged 0 '--child any, the fault fired, 0' --scenario 500 --child any -- "$fire exit 0"
judged 4 '--child any, the fault did not fire' --scenario 500 --child any -- 'exit 5'

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
