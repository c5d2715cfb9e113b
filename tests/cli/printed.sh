#!/usr/bin/env bash
# What stands on stderr while it serves: text, JSON, nothing; colours on a terminal
# alone.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
need script bsdutils
plan 15

escape=$(printf '\033')
long=$CAPS\&message=$(printf %03000d 1)

fresh text
server_start --scenario 414
fetched 200 'an honest answer' "$SERVER_URL?$CAPS"
fetched 414 'a fault' "$SERVER_URL?$long"
server_stop
has "$SERVER_LOG" '^[0-9:]{8} 127\.0\.0\.1 GET +/certsrv/mscep/mscep\.dll GetCACaps +200 +[0-9.]+ k?B +[0-9.]+ m?s$' \
	'text: one line a request'
has "$SERVER_LOG" '^ +uri-too-long/long-get +query 3[0-9]+ > 2048' 'text: a faulted one says which rule and why'
lacks "$SERVER_LOG" "$escape" 'text: no escape byte where there is no terminal'

fresh json
server_start --scenario 414 --log-format json
fetched 200 'json: an honest answer' "$SERVER_URL?$CAPS"
fetched 414 'json: a fault' "$SERVER_URL?$long"
server_stop
same '' "$(grep -Evn '^\{"[a-z_]+":.*\}$' "$SERVER_LOG" || true)" 'json: every line on stderr is an object'
has "$SERVER_LOG" '^\{.*"status":414,.*"rule":"long-get","why":"query 3[0-9]+ > 2048"' \
	'json: with status, rule and reason'

fresh quiet
server_start --quiet --scenario 414
fetched 414 'quiet: a fault' "$SERVER_URL?$long"
server_stop
same '' "$(cat "$SERVER_LOG")" 'quiet: nothing on stderr'

# on_terminal [VARIABLE=VALUE]: the wrapper there, with one request; into ./terminal
on_terminal() {
	# shellcheck disable=SC2016 # the wrapper sets MOCKNDES_URL
	env -u NO_COLOR "$@" script -qec \
		"'$MOCKNDES' -- sh -c 'curl -s -o /dev/null \"\$MOCKNDES_URL\"'" terminal \
		</dev/null >/dev/null
}

fresh terminal
on_terminal
has terminal "$escape\\[[0-9;]*mhealthy" 'terminal: the banner is coloured'
has terminal " ${escape}\\[[0-9;]*m403" 'terminal: so is the status'
on_terminal NO_COLOR=1
has terminal '^mockndes: .*healthy' 'terminal: NO_COLOR leaves the banner'
lacks terminal "$escape" 'terminal: NO_COLOR takes the colours away'
