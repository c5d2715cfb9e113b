#!/usr/bin/env bash
# `mockndes ctl`: drives a running server through its control socket.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 55

# ctl WANT ARGUMENT...: its exit code is WANT; what it prints is in ./out and ./err
ctl() {
	local want=$1

	shift
	split timeout -k 1 20 "$MOCKNDES" ctl "$@"
	if [ "$STATUS" -eq "$want" ]; then
		ok "exit $want: ctl $*"
	else
		not_ok "exit $want: ctl $*" < <(echo "exit code $STATUS" && cat out err)
	fi
}

# The value of a member of the object in ./out
json_value() { # NAME
	sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' out
}


fresh default-place
own_temp
unset XDG_RUNTIME_DIR
folder=$TMPDIR/mockndes-$(id -u)
ctl 1 reset
has err "^mockndes: no server is running \(none has its control socket in $folder\)" \
	'no server: a sentence with the place and the cure'
server_start --quiet
socket=$(find "$folder" -name '*.sock')
same 600 "$(stat -c %a "$socket")" 'the socket is private'
same 700 "$(stat -c %a "$folder")" 'and so is its folder'
same "$folder/$(ready_value instance).sock" "$socket" 'it bears the name of the instance'
ctl 0 use 500
same '500 rules now' "$(cat out)" 'use says what rules'
fetched 500 'and it does' "$SERVER_URL?$CAPS"
ctl 0 use healthy
fetched 200 'and healthy does again' "$SERVER_URL?$CAPS"
ctl 0 use 414:limit=4096 --json
same '414:limit=4096' "$(json_value scenario)" '--json gives the raw answer'
ctl 0 status
has out '^scenario +414:limit=4096$' 'status names the scenario'
has out "^url +$SERVER_URL\$" 'and the URL'
has out "^pid +$SERVER_PID\$" 'and the process'
ctl 1 use 41
has err '^mockndes: .*414' 'a scenario that does not exist is a sentence with a near one'
ctl 0 status --json
same '414:limit=4096' "$(json_value scenario)" 'and what ruled goes on ruling'
ctl 1 advance 6m
has err '^mockndes: .*--clock manual' 'a real clock cannot be moved: the cure is said'
ctl 0 reset
ctl 0 challenge
same "$SERVER_CHALLENGE" "$(cat out)" 'challenge prints one that is accepted, alone'

ctl 2
ctl 2 chalenge
has err '^mockndes: there is no ctl chalenge; did you mean challenge\?' 'a verb that is misspelt'
ctl 2 use
ctl 2 advance soon
ctl 2 reset --control localhost:80

mv "$socket" "$folder/other.sock"
"$MOCKNDES" --quiet --listen 127.0.0.1:0 --exit-with-parent --port-file port >/dev/null 2>&1 </dev/null &
second=$!
await test -e port || bail_out 'the second server does not start'
ctl 1 status
has err "^mockndes: 2 servers are running.* unix:$folder/other\.sock" 'two servers: both are named'
ctl 0 status --control "unix:$folder/other.sock"
MOCKNDES_CONTROL=unix:$folder/other.sock ctl 0 status --json
same "$SERVER_PID" "$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' out)" 'MOCKNDES_CONTROL chooses'
kill -TERM "$second"
wait "$second" || true
server_stop
rm -f "$folder/other.sock"
rmdir "$folder" 2>/dev/null || true
nothing_left 'the sockets go with the servers'

fresh own-place
server_start --control unix:door --clock manual --challenge one-time
same 600 "$(stat -c %a door)" '--control: the socket is there, private'
ctl 0 status --control unix:door --json
same manual "$(json_value clock)" 'the clock is manual'
before=$(json_value now)
ctl 0 advance 1.5h --control unix:door --json
same "$(date -u -d "$before 90 minutes" +%FT%TZ)" "$(json_value now)" 'advance moves it, and nothing else does'
ctl 0 challenge --control unix:door
has out '^[0-9A-F]{16}$' 'a one-time password looks like those of NDES'
mv out first
ctl 0 challenge --control unix:door
same 2 "$(sort -u out first | wc -l)" 'and is another one each time'
refused 1 'another server answers at the control socket door' --listen 127.0.0.1:0 --control unix:door
for i in 1 2 3; do
	head -c 300000 /dev/urandom >noise
	timeout 10 curl -sS -m 10 --unix-socket door --data-binary @noise http://x/v1/use >body 2>/dev/null || true
	fetched 200 "garbage at the control socket does not hurt the device side ($i)" "$SERVER_URL?$CAPS"
done
kill -KILL "$SERVER_PID"
{ wait "$SERVER_PID" || true; } 2>/dev/null
SERVER_PID=
ctl 1 status --control unix:door
has err '^mockndes: no server is running at the control socket door' 'a server that was killed is not there'
server_start --control unix:door
check 'its socket is replaced' "$MOCKNDES" ctl status --control unix:door
server_stop
check 'and gone in the end' test ! -e door

# shellcheck disable=SC2016 # the variables are COMMAND's
split "$MOCKNDES" --quiet -- sh -c '"$0" ctl use 500 && curl -s -o /dev/null -w "%{http_code}" \
	"$MOCKNDES_URL?operation=GetCACaps" && echo "$MOCKNDES_CONTROL"' "$MOCKNDES"
same "500 rules now 500unix:/" "$(tr '\n' ' ' <out | sed 's|unix:/.*|unix:/|')" \
	'COMMAND drives its own server, by a path that is whole'
