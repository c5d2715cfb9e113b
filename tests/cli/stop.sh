#!/usr/bin/env bash
# How a server ends: on TERM, INT and HUP, whatever its clients do, with 0 and with nothing
# left behind.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
plan 35

at_once=1500  # a loaded machine has other things to do
drained=4500  # NET_DRAIN_MS and a little
half='POST /certsrv/mscep/mscep.dll?operation=PKIOperation HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf'

# stopped LIMIT WHO: the last `stop` ended it, in time, with 0, and cleanly
stopped() {
	same 0 "$STATUS" "$2: exit code 0"
	below "$1" "$TOOK_MS" "$2: in time"
	nothing_left "$2: the folder of the CA is gone"
}

# The server has seen what was sent before this: it answers in the order of arrival.
synced() {
	local peer

	dial
	peer=$PEER
	say "$peer" 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	hear "$peer" >/dev/null
	hang_up "$peer"
}

fresh idle
own_temp
signals=(TERM INT HUP)
# under nohup it is ignored, by us and by the server
if [ $((0x$(sed -n 's/^SigIgn:[[:space:]]*//p' /proc/self/status) & 1)) -eq 1 ]; then
	signals=(TERM INT)
	for _ in 1 2 3 4; do
		skip 'SIGHUP is ignored here' 'HUP, idle'
	done
fi
for signal in "${signals[@]}"; do
	server_start --quiet
	same yes "$([ -s "$SERVER_CA" ] && echo yes)" "$signal, idle: the CA was there"
	stop "$signal"
	stopped "$at_once" "$signal, idle"
done

fresh keep-alive
own_temp
server_start --quiet
dial
kept=$PEER
say "$kept" 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'
IFS= read -r -t 10 -u "$kept" line || true
same 'HTTP/1.1 404 Not Found' "${line%$'\r'}" 'keep-alive: the first request was answered'
stop TERM
stopped "$at_once" 'TERM, a connection kept alive'
hang_up "$kept"

fresh half-head
own_temp
server_start --quiet
dial
begun=$PEER
say "$begun" 'GET /certsrv/mscep/mscep.dll HTTP/1.1\r\nHo'
synced
stop INT
stopped "$drained" 'INT, half a head'
hang_up "$begun"

fresh half-body
own_temp
server_start --quiet
dial
begun=$PEER
say "$begun" "$half"
synced
stop TERM
stopped "$drained" 'TERM, half a body'
hang_up "$begun"

# The idle connection is closed when the first signal has come through.
fresh twice
own_temp
server_start --quiet
dial
begun=$PEER
say "$begun" "$half"
dial
idle=$PEER
synced
kill -s TERM "$SERVER_PID"
hear "$idle" >/dev/null || bail_out 'an idle connection is not closed on TERM'
stop TERM
stopped "$at_once" 'TERM twice, half a body'
hang_up "$begun"
hang_up "$idle"

fresh drain
own_temp
server_start --quiet
dial
begun=$PEER
say "$begun" "$half"
dial
idle=$PEER
synced
kill -s TERM "$SERVER_PID"
hear "$idle" >/dev/null || bail_out 'an idle connection is not closed on TERM'
say "$begun" 'more'
hear "$begun" >answer || true
has answer '^HTTP/1\.1 [2-5][0-9][0-9] ' 'TERM: a request that was begun may end, and is answered'
stop
same 0 "$STATUS" 'and then the server ends with 0'
hang_up "$begun"
hang_up "$idle"

fresh early
own_temp
"$MOCKNDES" --exit-with-parent --listen 127.0.0.1:0 --quiet >/dev/null 2>err </dev/null &
SERVER_PID=$!
await compgen -G "$TMPDIR/mockndes-*" >/dev/null || bail_out 'the server does not start'
stop TERM
stopped "$at_once" 'TERM before the keys are made'

# The port of a run before; whether the keys are made by then or not, the answer is due.
fresh early-answer
own_temp
server_start --quiet
door=127.0.0.1:$(port_of "$SERVER_URL")
server_stop
reachable() {
	dial 2>/dev/null
}
"$MOCKNDES" --exit-with-parent --listen "$door" --quiet >/dev/null 2>err </dev/null &
SERVER_PID=$!
await reachable || bail_out 'the server does not open its port'
say "$PEER" 'GET /certsrv/mscep/mscep.dll?operation=GetCACert HTTP/1.1\r\nHost: a\r\n\r\n'
sleep 0.02
kill -s TERM "$SERVER_PID"
hear "$PEER" >answer || true
has answer '^HTTP/1\.1 200 OK' 'TERM before the keys are made: who waits for the CA still gets it'
stop
same 0 "$STATUS" 'and then the server ends with 0'

# The server holds the far end of `alive`: its end is the server's.
fresh parent
own_temp
mkfifo alive ready
# shellcheck disable=SC2016
bash -c '"$1" --exit-with-parent --listen 127.0.0.1:0 --ready-fd 3 --quiet 3>ready >/dev/null 2>alive </dev/null &
	exec cat ready' bash "$MOCKNDES" >line &
parent=$!
timeout 20 cat alive >said || bail_out 'the server outlives its parent'
wait "$parent" || true
has line '"event":"ready"' '--exit-with-parent: the server was up'
same '' "$(cat said)" '--exit-with-parent: it ends when its parent has, and has nothing to say'
nothing_left '--exit-with-parent: nothing is left'
