#!/usr/bin/env bash
# What the program says about itself is there, and is true: help, version.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
need openssl openssl
plan 17

# A good value of each option that takes one. An option that --help names and that is
# missing here is counted as refused.
declare -A value=(
	[--scenario]="414:limit=4096,post=offered" [--scenario-file]=mine.yaml
	[--listen]=127.0.0.1:0 [--tls]=localhost:0 [--name]=mdm.example
	[--server-version]=2019 [--caps]="SHA-256,DES3" [--challenge]=optional
	[--idle-timeout]=500ms [--head-timeout]=30s [--body-timeout]=5m
	[--max-field-length]=16384 [--max-request-bytes]=16384 [--max-body-bytes]=0
	[--child]=fail [--timeout]=1h [--logs]=logs [--log-fields]=sc-bytes
	[--log-format]=json [--port-file]=port [--ready-fd]=3 [--workers]=0
	[--profile]=ndes [--single-password]=0123456789ABCDEF
	[--mscep-user]='CORP\scep-admin:secret' [--error-pages]=detailed
	[--state]=state [--clock]=manual [--control]=unix:control.sock
	[--seed]=7 [--group]=baseline [--key]=key.pem
)

told() { # DESCRIPTION: the last `split` ended well and used stdout alone
	if [ "$STATUS" -eq 0 ] && [ -s out ] && [ ! -s err ]; then
		ok "$1"
	else
		not_ok "$1" < <(echo "exit code $STATUS" && cat err)
	fi
}

fresh about
split "$MOCKNDES" --help
told '--help: 0, on stdout'
cp out help
has help '^  0 ok; 1 .*; 2 ' '--help: tells the exit codes'
same '' "$(LC_ALL=C grep -nE '^.{91}' help || true)" '--help: no line over 90 characters'
for words in -h help '--listne --help' '--help -- false'; do
	read -ra words <<<"$words"
	split "$MOCKNDES" "${words[@]}"
	same 'same text' "$(cmp out help && echo 'same text')" "${words[*]}: the same text"
done
split "$MOCKNDES" --version
told '--version: 0, on stdout'
same 1 "$(grep -Ec '^mockndes [0-9]+\.[0-9]+\.[0-9]+$' out)" '--version: name and version'

for word in --help --version list; do
	STATUS=0
	"$MOCKNDES" "$word" >/dev/full 2>err || STATUS=$?
	same '1 1' "$STATUS $(grep -c 'No space left on device' err || true)" \
		"$word into a full device: 1, and it says why"
done

fresh options
printf '%s\n' 'mockndes: 1' 'id: mine' 'group: own' 'title: Mine' 'outcome: must-enrol' \
	'doc: {symptom: a, cause: b, fix: c, provenance: inferred,' \
	'  sources: [{url: "https://www.rfc-editor.org/rfc/rfc8894"}]}' \
	'probes: [{send: {operation: GetCACaps}, want: {status: 200}}]' >mine.yaml

# Where no folder can be made, serving ends with 1 before it begins: whoever gets as far
# has had all its options accepted.
accepts() { # WORD...
	split env TMPDIR="$PWD/nowhere" "$@" 3>/dev/null # for --ready-fd
	[ "$STATUS" -eq 1 ] && grep -q 'cannot make a folder .*nowhere' err
}

# others COMMAND...: each of them, not serve, takes the option that `try` is about
others() {
	local command

	for command; do
		# shellcheck disable=SC2086 # several words
		"$MOCKNDES" $command "${words[@]}" >out && "$MOCKNDES" $command "$joined" >out &&
			env "$variable=$good" "$MOCKNDES" $command >out || return
	done
}

# try NAME [ARGUMENT]: the option as the help shows it: as a word, joined by =, and as
# its variable
try() {
	local name=$1 words=("$1") joined=$1 behind=() good=yes variable

	variable=MOCKNDES_OPT_$(tr -d '\n' <<<"${name#--}" | tr a-z- A-Z_)
	if [ $# -gt 1 ]; then
		good=${value[$name]-}
		words=("$name" "$good")
		joined=$name=$good
	fi
	case $name in
	--help | --version)
		"$MOCKNDES" "$name" >out
		return
		;;
	--group | --key | --json)
		case $name in
		--group) others list ;;
		--key) others 'decode bag' ;;
		--json) others list 'explain 414' 'check mine.yaml' 'decode bag' "ctl status --control ${value[--control]}" ;;
		esac
		return
		;;
	--control) others 'ctl status' || return ;;
	--child | --timeout | --allow-unfired) behind=(-- true) ;;
	esac
	accepts "$MOCKNDES" "${words[@]}" "${behind[@]}" &&
		accepts "$MOCKNDES" "$joined" "${behind[@]}" &&
		accepts env "$variable=$good" "$MOCKNDES" "${behind[@]}"
}

# What decode and ctl need.
server_start --quiet --control "${value[--control]}"
curl -sS -m 10 -o bag "$SERVER_URL?operation=GetCACert"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "${value[--key]}" 2>/dev/null
refused=
missing=
while read -r name argument; do
	# shellcheck disable=SC2086 # an empty one is no word
	try "$name" ${argument:+"$argument"} || refused+=" $name"
	[ -n "$argument" ] || continue
	split "$MOCKNDES" "$name"
	[ "$STATUS" -eq 2 ] || missing+=" $name"
done < <(sed -nE 's/^  (--[a-z0-9-]+)( [^ ]+)?.*/\1\2/p' ../about/help)
server_stop
same '' "$refused" 'every option that --help names is accepted, as a word, with = and as a variable'
same '' "$missing" 'every option that takes a value is refused without'
unnamed=
for name in "${!value[@]}"; do
	grep -q "^  $name " ../about/help || unnamed+=" $name"
done
same '' "$unnamed" '--help names every option'

fresh examples
mkdir bin
ln -s "$MOCKNDES" bin/mockndes
PATH=$PWD/bin:$PATH
# shellcheck disable=SC2016
printf '%s\n' '#!/bin/sh' 'exec curl -sf "$MOCKNDES_URL?message=$(printf %03000d 1)"' >enrol.sh
chmod +x enrol.sh
mkfifo ready

# A server of the examples is given another port than its own, which may be in use.
example_runs() { # LINE
	local words

	read -ra words <<<"$1"
	if [[ $1 == *' -- '* || $1 == *' list'* || $1 == *' explain '* ]]; then
		run "${words[@]}"
		return "$STATUS"
	fi
	MOCKNDES_OPT_LISTEN=127.0.0.1:0 "${words[@]}" >ready 2>"$OUTPUT" </dev/null &
	SERVER_PID=$!
	IFS= read -r -t 20 SERVER_READY <ready || true
	server_stop
	[ -n "$SERVER_READY" ] && [ "$STATUS" -eq 0 ]
}

bad=
count=0
while IFS= read -r line; do
	count=$((count + 1))
	example_runs "$line" || bad+=" [$line: $(tail -n 1 "$OUTPUT")]"
done < <(sed -nE '/^Examples/,/^Environment/s/^  (mockndes .*)/\1/p' ../about/help | sed 's/   .*//')
same '' "$bad" 'the examples of --help run'
same yes "$([ "$count" -ge 4 ] && echo yes)" 'there are four examples or more'
