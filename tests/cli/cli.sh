# shellcheck shell=bash
# cli: what the scripts of this folder share, on top of tests/support/tap.sh.
# shellcheck disable=SC2034 # the scripts use what is set here

CLI=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/support/tap.sh
. "$CLI/../support/tap.sh"

CAPS='operation=GetCACaps'

# split COMMAND...: like `run`, with what it prints in ./out and ./err
split() {
	STATUS=0
	"$@" >out 2>err </dev/null || STATUS=$?
}

# refused CODE REGEX ARG...: mockndes ends with CODE, prints nothing on stdout, and on
# stderr one line that matches behind "mockndes: "
refused() {
	local code=$1 regex=$2

	shift 2
	split timeout -k 1 10 "$MOCKNDES" "$@"
	if [ "$STATUS" -eq "$code" ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
		grep -Eqe "^mockndes: $regex" err; then
		ok "exit $code: $*"
	else
		not_ok "exit $code: $*" < <(
			echo "exit code $STATUS; wanted on stderr, alone: mockndes: $regex"
			cat err out
		)
	fi
}

# judged CODE WHO OPTION... -- SCRIPT: the wrapper runs SCRIPT by sh and ends with CODE;
# its last line on stderr is in ./last
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

# fetched WANT DESCRIPTION ARGUMENT...: curl prints this status; the body is in ./body
fetched() {
	local want=$1 description=$2

	shift 2
	: >body
	run curl -sSg -m 10 -o body -w '%{http_code}\n' "$@"
	same "$want" "$(cat "$OUTPUT")" "$description"
}

port_of() { # URL
	sed -E 's|^[a-z]+://.*:([0-9]+)/.*|\1|' <<<"$1"
}

# dial: a connection to SERVER_URL; PEER is its descriptor
dial() {
	exec {PEER}<>"/dev/tcp/127.0.0.1/$(port_of "$SERVER_URL")"
}

say() { # DESCRIPTOR FORMAT: as printf has it
	# shellcheck disable=SC2059 # \r\n are what this is for
	printf "$2" >&"$1"
}

# hear DESCRIPTOR: all that comes until the server closes; 1 when it does not
hear() {
	timeout 10 cat <&"$1"
}

hang_up() { # DESCRIPTOR
	local peer=$1

	exec {peer}>&-
}

now_ms() {
	local us=${EPOCHREALTIME//[!0-9]/}

	echo "${us%???}"
}

# stop [SIGNAL]: to the server, by its pid, and waits; sets STATUS and TOOK_MS
stop() {
	local start signal

	start=$(now_ms)
	for signal; do
		kill -s "$signal" "$SERVER_PID"
	done
	STATUS=0
	wait "$SERVER_PID" || STATUS=$?
	SERVER_PID=
	TOOK_MS=$(($(now_ms) - start))
}

# await COMMAND...: until it ends with 0; at most ten seconds
await() {
	local end

	end=$(($(now_ms) + 10000))
	until "$@"; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# below LIMIT VALUE DESCRIPTION
below() {
	if [ "$2" -lt "$1" ]; then
		ok "$3"
	else
		not_ok "$3" <<<"$2 is not below $1"
	fi
}

# own_temp: TMPDIR is a fresh folder, so that what is left behind can be seen
own_temp() {
	mkdir temp
	export TMPDIR=$PWD/temp
}

nothing_left() { # DESCRIPTION
	same '' "$(ls -A "$TMPDIR")" "$1"
}

# Lines of the logs that Windows would have written, without their heads.
iis_log() {
	cat logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log | sed '/^#/d; s/\r$//'
}

httperr_log() {
	sed '/^#/d; s/\r$//' logs/Windows/System32/LogFiles/HTTPERR/httperr1.log
}
