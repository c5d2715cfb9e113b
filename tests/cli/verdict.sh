#!/usr/bin/env bash
# mockndes -- COMMAND: when its end is what --child asks for.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 13

# makes every fault that takes all requests fire
fire='curl -s -o /dev/null "$MOCKNDES_URL";'

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
