#!/usr/bin/env bash
# mockndes -- COMMAND: what COMMAND is given, whose exit code comes out, and that nothing
# of it stays behind.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 58

# said CODE: the last line on stderr is about this exit code
said() {
	tail -n 1 err | grep -Eq "^mockndes: exit $1: "
}

# coded CODE WHO COMMAND...: the wrapper ends with CODE and says so at last
coded() {
	local code=$1 who=$2

	shift 2
	split "$MOCKNDES" --quiet "$@"
	same "$code" "$STATUS" "$who: exit code $code"
	check "$who: the last line on stderr says whose it is" said "$code"
}

# A process that is over, and perhaps waits for its parent to look.
is_over() { # PID
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null
}

fresh given
own_temp
export MOCKNDES_SCENARIO=414 MOCKNDES_OPT_CHALLENGE=secret MOCKNDES_URL=stale MOCKNDES_MINE=kept
STATUS=0
printf 'to COMMAND\n' | "$MOCKNDES" --allow-unfired -- sh -c '
	env | grep ^MOCKNDES_ | sort >variables
	cat >input
	curl -s "$MOCKNDES_URL?operation=GetCACaps" >http
	curl -s "$MOCKNDES_BASE/certsrv/mscep/mscep.dll?operation=GetCACaps" >base
	curl -s --cacert "$MOCKNDES_CA" "$MOCKNDES_TLS_URL?operation=GetCACaps" >https
	printf "no end of line"
	echo "of COMMAND" >&2' >out 2>err || STATUS=$?
unset MOCKNDES_SCENARIO MOCKNDES_OPT_CHALLENGE MOCKNDES_URL MOCKNDES_MINE
same 0 "$STATUS" 'COMMAND ends with 0: so does the wrapper'
same 'no end of line' "$(cat out)" "stdout is COMMAND's alone"
has err '^of COMMAND$' "COMMAND's stderr is there"
has err '^mockndes: 414 ' 'with the banner'
same 'to COMMAND' "$(cat input)" 'stdin goes to COMMAND'
same 'MOCKNDES_BASE MOCKNDES_CA MOCKNDES_CHALLENGE MOCKNDES_CONTROL MOCKNDES_MINE MOCKNDES_RUNNING MOCKNDES_TLS_URL MOCKNDES_URL' \
	"$(sed 's/=.*//' variables | paste -sd ' ')" 'COMMAND sees what it is given, and no input variable'
has variables '^MOCKNDES_URL=http://127\.0\.0\.1:[0-9]+/certsrv/mscep/mscep\.dll$' 'MOCKNDES_URL'
has variables '^MOCKNDES_CHALLENGE=secret$' 'MOCKNDES_CHALLENGE'
has variables '^MOCKNDES_RUNNING=uri-too-long$' 'MOCKNDES_RUNNING'
for file in http base https; do
	has "$file" '^SHA-256' "the server answers by $file"
done
nothing_left 'the folder of the CA is gone'

fresh codes
coded 7 'a code of its own' -- sh -c 'exit 7'
coded 143 'a signal' -- sh -c 'kill -TERM $$'
coded 127 'COMMAND is not there' -- no-such-command
coded 127 'no such path' -- ./nowhere/command
: >plain
coded 126 'COMMAND cannot be run' -- ./plain
has err '; chmod [+]x makes a file a program$' 'and what would help'
printf '#!/no/such/interpreter\n' >script
chmod +x script
coded 126 'no such interpreter' -- ./script
has err ' the interpreter that its first line names' 'and what is missing'
split "$MOCKNDES" --quiet -- true
same '' "$(cat err out)" 'nothing is said when all is well and quiet'

fresh timeout
own_temp
start=$(now_ms)
coded 124 '--timeout' --timeout 300ms -- sh -c 'sleep 60 & echo $! >sleeper; wait'
below 9000 "$(($(now_ms) - start))" '--timeout: in time'
check "--timeout: COMMAND's children are gone" await is_over "$(cat sleeper)"
nothing_left '--timeout: the folder is gone'
start=$(now_ms)
coded 124 '--timeout, TERM ignored' --timeout 100ms -- sh -c 'trap "" TERM; echo $$ >stubborn; sleep 60; sleep 60'
below 9000 "$(($(now_ms) - start))" '--timeout, TERM ignored: killed after the grace'
check '--timeout, TERM ignored: it is gone' await is_over "$(cat stubborn)"

fresh leftovers
split "$MOCKNDES" --quiet -- sh -c 'sleep 60 & echo $! >sleeper'
same 0 "$STATUS" 'COMMAND leaves a process behind: 0'
check 'which is ended' await is_over "$(cat sleeper)"

# A job that is cancelled early: no green for a COMMAND that never ran.
fresh cancelled
own_temp
"$MOCKNDES" --quiet -- touch ran 2>err </dev/null &
wrapper=$!
await compgen -G "$TMPDIR/mockndes-*" >/dev/null || bail_out 'the server does not start'
kill -s TERM "$wrapper"
STATUS=0
wait "$wrapper" || STATUS=$?
same 143 "$STATUS" 'TERM before COMMAND is run: 143'
check 'TERM before COMMAND is run: the last line says whose it is' said 143
same no "$([ -e ran ] && echo yes || echo no)" 'TERM before COMMAND is run: it is not'
nothing_left 'TERM before COMMAND is run: the folder is gone'

# Ctrl-C at a terminal: INT to every process of the group in the foreground.
fresh interrupt
own_temp
mkfifo begun
for signal in INT TERM HUP; do
	setsid "$MOCKNDES" --quiet -- sh -c 'echo $$ >command; sleep 60 & echo $! >sleeper; echo >begun; wait' \
		2>err </dev/null &
	wrapper=$!
	read -r -t 20 _ <begun || bail_out 'COMMAND does not start'
	start=$(now_ms)
	kill -s "$signal" -- "-$wrapper"
	STATUS=0
	wait "$wrapper" || STATUS=$?
	same "$((128 + $(kill -l "$signal")))" "$STATUS" "$signal: 128 and its number"
	below 5000 "$(($(now_ms) - start))" "$signal: in time"
	check "$signal: COMMAND is gone" await is_over "$(cat command)"
	check "$signal: what it started is gone" await is_over "$(cat sleeper)"
	nothing_left "$signal: the folder is gone"
done
