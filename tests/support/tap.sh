# shellcheck shell=bash
# tap: what a test script needs: TAP lines, a folder to work in, a server.
#
#   . tests/support/tap.sh
#   tap_begin MOCKNDES      the binary; makes a fresh work folder and goes there
#   plan 3                  how many lines will come: a script that dies early fails
#   need scepclient scep    a program that is missing ends the test as failed
#   run COMMAND...          sets STATUS, and OUTPUT to a file with all it printed
#   ended 0 "it enrols"     one TAP line; when not ok, OUTPUT follows as comments
#
# The work folder and the server go when the script ends, however it ends.

set -euo pipefail

TAP_WIDTH=400 # of a comment: a pkiMessage in a URL is thousands of letters long
TAP_PLAN=0
TAP_COUNT=0
TAP_FAILED=0
SERVER_PID=
STATUS=0

tap_begin() {
	[ $# -eq 1 ] || bail_out "usage: $0 MOCKNDES: the binary to test"
	MOCKNDES=$(realpath -- "$1")
	[ -x "$MOCKNDES" ] || bail_out "$1 cannot be run: build it first"
	unset "${!MOCKNDES_@}" # a user's own settings are not part of the test
	TAP_DIR=$(mktemp -d)
	OUTPUT=$TAP_DIR/output
	trap tap_end EXIT
	cd "$TAP_DIR"
}

tap_end() {
	local code=$?

	[ -z "$SERVER_PID" ] || server_stop
	end_jobs
	cd /
	rm -rf "$TAP_DIR"
	if [ "$TAP_FAILED" -gt 0 ] || [ "$TAP_COUNT" -ne "$TAP_PLAN" ]; then
		code=1
	fi
	exit "$code"
}

end_jobs() { # whatever the script still has in the background
	local pid

	for pid in $(jobs -p); do
		kill -TERM "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
}

plan() {
	TAP_PLAN=$1
	echo "1..$TAP_PLAN"
}

bail_out() {
	echo "Bail out! $*"
	exit 1
}

# need PROGRAM PACKAGE
need() {
	command -v "$1" >/dev/null ||
		bail_out "$1 is not installed (package $2); tools/test installs what the tests need"
}

ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $*"
}

skip() { # WHY DESCRIPTION
	TAP_COUNT=$((TAP_COUNT + 1))
	echo "ok $TAP_COUNT - $2 # SKIP $1"
}

# The lines on stdin follow as comments. Not at the end of a pipe: a subshell would
# count for itself.
not_ok() {
	TAP_COUNT=$((TAP_COUNT + 1))
	TAP_FAILED=$((TAP_FAILED + 1))
	echo "not ok $TAP_COUNT - $*"
	tr -d '\r\000' | cut -c "1-$TAP_WIDTH" | sed 's/^/# /'
}

# fresh NAME: an empty folder of its own for the next steps
fresh() {
	mkdir "$TAP_DIR/$1"
	cd "$TAP_DIR/$1"
}

run() {
	STATUS=0
	"$@" >"$OUTPUT" 2>&1 </dev/null || STATUS=$?
}

# ended CODE DESCRIPTION: how the last `run` ended
ended() {
	if [ "$STATUS" -eq "$1" ]; then
		ok "$2"
	else
		not_ok "$2" < <(echo "exit code $STATUS, should be $1" && cat "$OUTPUT")
	fi
}

# has FILE REGEX DESCRIPTION: a line of FILE matches the extended regex
has() {
	if grep -Eqe "$2" -- "$1"; then
		ok "$3"
	else
		not_ok "$3" < <(echo "no line matches: $2" && cat -- "$1")
	fi
}

lacks() {
	if [ -f "$1" ] && ! grep -Eqe "$2" -- "$1"; then
		ok "$3"
	else
		not_ok "$3" < <(echo "no line should match: $2" && cat -- "$1" 2>&1)
	fi
}

# printed REGEX DESCRIPTION: the last `run` did
printed() {
	has "$OUTPUT" "$1" "$2"
}

# same WANT GOT DESCRIPTION
same() {
	if [ "$1" = "$2" ]; then
		ok "$3"
	else
		not_ok "$3" < <(printf 'want: %s\ngot:  %s\n' "$1" "$2")
	fi
}

# check DESCRIPTION COMMAND...: it ends with 0
check() {
	local description=$1

	shift
	run "$@"
	ended 0 "$description"
}

ready_value() { # NAME: a string of the JSON ready line; not of the fault's own door
	sed -n 's/"fault":{[^}]*}//; s/.*"'"$1"'":"\([^"]*\)".*/\1/p' <<<"$SERVER_READY"
}

fault_port() { # of the door that the fault has of its own
	sed -n 's/.*"fault":{"url":"[^"]*:\([0-9]*\)\/.*/\1/p' <<<"$SERVER_READY"
}

# server_start [OPTION...]: on 127.0.0.1 with a port that is free, unless the options
# say --listen; sets SERVER_URL, SERVER_TLS_URL, SERVER_CA and SERVER_CHALLENGE. What
# it says is in SERVER_LOG. Comes back when clients may come.
server_start() {
	local listen=(--listen 127.0.0.1:0)

	[[ " $* " != *" --listen "* ]] || listen=()
	SERVER_LOG=$TAP_DIR/server.log
	[ -p "$TAP_DIR/ready" ] || mkfifo "$TAP_DIR/ready"
	"$MOCKNDES" "${listen[@]}" --exit-with-parent --ready-fd 3 "$@" \
		3>"$TAP_DIR/ready" >/dev/null 2>"$SERVER_LOG" </dev/null &
	SERVER_PID=$!
	# A server that dies closes the pipe: this read ends either way.
	if ! IFS= read -r -t 20 SERVER_READY <"$TAP_DIR/ready"; then
		sed 's/^/# /' "$SERVER_LOG"
		bail_out "the server did not start: $*"
	fi
	SERVER_URL=$(ready_value url)
	SERVER_TLS_URL=$(ready_value tls_url)
	SERVER_CA=$(ready_value ca)
	SERVER_CHALLENGE=$(ready_value challenge)
	export SERVER_URL SERVER_TLS_URL SERVER_CA SERVER_CHALLENGE
}

# server_stop: with TERM, by its pid; sets STATUS
server_stop() {
	STATUS=0
	kill -TERM "$SERVER_PID" 2>/dev/null || true
	wait "$SERVER_PID" || STATUS=$?
	SERVER_PID=
}
