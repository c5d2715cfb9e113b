#!/usr/bin/env bash
# Where it is started: as nobody, without HOME, with stdin and stdout that are shut or
# full, in folders with odd names.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 23

asks='curl -s -o /dev/null -w "%{http_code}\n" "$MOCKNDES_URL"'

# The binary and the folders on the way to it may be closed to nobody: a copy is not.
fresh unprivileged
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 711 "$TAP_DIR"
	install -m 755 "$MOCKNDES" mockndes
	install -d -o 65534 -g 65534 home
	cd home
	: >"$OUTPUT"
	STATUS=0
	setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" TMPDIR="$PWD" \
		../mockndes --logs logs -- sh -c "id -u; $asks" >"$OUTPUT" 2>&1 </dev/null || STATUS=$?
	ended 0 'an unprivileged user, no HOME: 0'
	printed '^65534$' 'an unprivileged user: it is'
	printed '^403$' 'an unprivileged user: the server answers'
	same logs "$(ls -A)" 'an unprivileged user: the logs are there, nothing else is left'
else
	for line in 'no HOME: 0' 'it is' 'the server answers' 'the logs are there'; do
		skip 'not root, or no setpriv' "an unprivileged user: $line"
	done
fi

fresh bare
own_temp
run env -i PATH="$PATH" TMPDIR="$TMPDIR" "$MOCKNDES" -- sh -c "$asks"
ended 0 'an empty environment: 0'
printed '^403$' 'an empty environment: the server answers'
nothing_left 'an empty environment: nothing is left'

fresh stdout
own_temp
STATUS=0
timeout -k 1 20 "$MOCKNDES" --quiet --listen 127.0.0.1:0 >/dev/full 2>err </dev/null || STATUS=$?
same 1 "$STATUS" 'stdout is full: 1'
has err '^mockndes: cannot write the ready line to stdout: No space left on device$' 'stdout is full: it says so'
STATUS=0
mkfifo pipe
exec 8<>pipe
exec 9>pipe
exec 8<&- # now there is a writer without a reader
timeout -k 1 20 "$MOCKNDES" --quiet --listen 127.0.0.1:0 >&9 2>err </dev/null || STATUS=$?
exec 9>&-
same 1 "$STATUS" 'nobody reads stdout: 1'
has err '^mockndes: cannot write the ready line to stdout: Broken pipe$' 'nobody reads stdout: it says so'
nothing_left 'and nothing is left'
STATUS=0
"$MOCKNDES" --quiet -- sh -c "$asks >code" >/dev/full 2>err <&- || STATUS=$?
same '0 403' "$STATUS $(cat code)" "COMMAND's stdout is its own affair; stdin may be shut"

# Where they are shut, what is opened next must not be taken for them.
STATUS=0
"$MOCKNDES" --quiet -- sh -c "$asks >code" >&- 2>err </dev/null || STATUS=$?
same '0 403' "$STATUS $(cat code)" 'stdout is shut: COMMAND runs'
same '' "$(cat err)" 'stdout is shut: there is nothing to say'
"$MOCKNDES" --exit-with-parent --listen 127.0.0.1:0 --port-file port --logs logs <&- >&- 2>&- &
SERVER_PID=$!
await test -e port || bail_out 'all three are shut: the server does not start'
fetched 403 'all three are shut: the server answers' "http://127.0.0.1:$(cat port)/certsrv/mscep/mscep.dll"
stop TERM
same 0 "$STATUS" 'all three are shut: it ends with 0'
same '1 0' "$(iis_log | grep -c .) $(httperr_log | grep -c .)" 'all three are shut: the logs hold nothing else'

fresh 'odd name (%s), "quoted"'
own_temp
run "$MOCKNDES" --logs 'my logs' -- sh -c 'curl -s -o /dev/null --cacert "$MOCKNDES_CA" "$MOCKNDES_TLS_URL"'
ended 0 'a TMPDIR with blanks: 0'
check 'a folder of logs with blanks' test -d 'my logs/inetpub'
nothing_left 'a TMPDIR with blanks: nothing is left'

fresh relative
mkdir temp
TMPDIR=temp run "$MOCKNDES" -- sh -c 'cd / && curl -sS -o /dev/null --cacert "$MOCKNDES_CA" "$MOCKNDES_TLS_URL"'
ended 0 'a TMPDIR that is relative: COMMAND finds the CA wherever it goes'
unset TMPDIR
run env TMPDIR= "$MOCKNDES" -- true
ended 0 'an empty TMPDIR is none'
