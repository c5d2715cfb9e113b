#!/usr/bin/env bash
# A log reader that Debian packages reads what the server wrote: 1,000 requests with odd
# user agents, queries, verbs and paths in the IIS log, refusals of all kinds in HTTPERR.
# It may neither drop a line nor complain, and has to find in them what was sent. (goaccess
# cuts lines at 4096 bytes, so none here is longer.)
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
tap_begin "$@"
need goaccess goaccess
plan 21

LINES_WANTED=1000
mscep=/certsrv/mscep/mscep.dll

agents=(
	'Mozilla/4.0 (compatible; Win32; NDES client)'
	'Dalvik/2.1.0 (Linux; U; Android 5.0; P01M Build/LRX21V)'
	'profiled/1.0 CFNetwork/975.0.3 Darwin/18.2.0'
	''
	'-'
	'"quoted" '\''agent'\'' <b>&amp; %s %d %n'
	'# no comment'
	$'tab\tand  two blanks'
	$'caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac'
	$'not UTF-8: \xff\xfe\x80'
	$'line break of Unicode:\xe2\x80\xa8here'
	'sqlmap/1.0 (http://sqlmap.org) "; DROP TABLE logs; --'
	"$(printf 'long%.0s' {1..350})"
)
targets=(
	"$mscep"
	"$mscep?operation=GetCACaps&message=ca"
	"$mscep/pkiclient.exe?operation=GetCACert&message=SCEP%20Authority"
	"$mscep?operation=PKIOperation&message=MIAG+CSqGSIb3/DQEHAqCAMIAC=="
	"$mscep?operation=PKIOperation&message=MIAG%2BCSq%0AGSIb3%0D%0A"
	"$mscep?"
	"$mscep?\"quotes\"&'<>|{}\\^\`"
	"$mscep?%00%FF%zz%"
	"$mscep?#frag"
	"/certsrv/mscep?operation=GetCACaps"
	'/nowhere/%20with%20blanks%0Aand%09more'
	'/-'
	"$mscep?$(printf 'q%.0s' {1..2000})"
)
verbs=(GET HEAD DELETE PROPFIND) # goaccess knows no others than those in use

# requests COUNT: as many different ones; the last closes
requests() {
	local i agent

	for ((i = 0; i < $1; i++)); do
		agent=${agents[i % ${#agents[@]}]}
		printf '%s %s HTTP/1.1\r\nHost: localhost\r\n' \
			"${verbs[i / 7 % ${#verbs[@]}]}" "${targets[i / 3 % ${#targets[@]}]}"
		[ -z "$agent" ] || printf 'User-Agent: %s\r\n' "$agent"
		[ $((i % 5)) -ne 0 ] || printf 'Referer: http://a/?b c\r\n'
		[ "$i" -ne $(($1 - 1)) ] || printf 'Connection: close\r\n'
		printf '\r\n'
	done
}

# exchange FILE: over one connection to the server, until it closes
exchange() {
	local peer port=${SERVER_URL#http://127.0.0.1:}

	exec {peer}<>"/dev/tcp/127.0.0.1/${port%%/*}"
	cat "$1" >&"$peer" &
	timeout 60 cat <&"$peer" >answers
	wait $!
	exec {peer}>&-
}

refusals=(
	'GET / HTTP/1.1\r\n\r\n'
	'G(T / HTTP/1.1\r\nHost: a\r\n\r\n'
	'GET / HTTP/3.0\r\nHost: a\r\n\r\n'
	'POST / HTTP/1.1\r\nHost: a\r\n\r\n'
	'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'
	'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n'
	'GET /%s"quoted"\xff HTTP/1.1\r\n: x\r\n\r\n'
	'\x16\x03\x01 not HTTP at all\r\n\r\n'
)

# total NAME: one of goaccess's totals
total() {
	sed -nE 's/^"[0-9]+",,"general",,,,,,,,"([0-9]+)","'"$1"'".*/\1/p' report.csv
}

# hits STATUS: how many lines with it goaccess has found
hits() {
	sed -nE 's/^"[0-9]+","[0-9]+","status_codes","([0-9]+)".*"'"$1"' - .*/\1/p' report.csv
}

# reads WHO FILE COUNT OPTION...: goaccess does
reads() {
	local who=$1 file=$2 count=$3

	shift 3
	run goaccess "$file" --no-global-config --no-progress --no-parsing-spinner \
		--http-protocol=no --date-format=%Y-%m-%d --time-format=%H:%M:%S \
		--invalid-requests=invalid -o report.csv "$@"
	ended 0 "$who: goaccess ends with 0"
	same "$count $count 0" "$(total total_requests) $(total valid_requests) $(total failed_requests)" \
		"$who: goaccess takes every line"
	same '' "$(cut -c1-200 invalid 2>&1)" "$who: and complains of none"
}

# iis_file FIELDS FORMAT: what the server writes with these --log-fields
iis_file() {
	local status

	fresh "$1"
	server_start --quiet --logs logs --log-fields "$1"
	requests "$LINES_WANTED" >sent
	exchange sent
	server_stop
	iis_log >iis
	same "$LINES_WANTED" "$(wc -l <iis)" "$1: there are $LINES_WANTED lines"
	reads "$1" "$(echo logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log)" "$LINES_WANTED" \
		--log-format="$2"
	for status in 200 301 403 404; do
		same "$(awk -v s="$status" '$12 == s { n++ } END { print n }' iis)" "$(hits "$status")" \
			"$1: it finds as many $status"
	done
}

iis_file default W3C
# the same with sc-bytes, for which it has no name
iis_file sc-bytes '%d %t %^ %m %U %q %^ %^ %h %u %R %s %^ %^ %b %L'

fresh httperr
server_start --quiet --logs logs
for ((i = 0; i < 80; i++)); do
	# shellcheck disable=SC2059 # \r\n are what this is for
	printf "${refusals[i % ${#refusals[@]}]/\%s/%%s}" >sent
	exchange sent
done
server_stop
file=logs/Windows/System32/LogFiles/HTTPERR/httperr1.log
same 80 "$(httperr_log | wc -l)" 'HTTPERR: there are 80 lines'
reads HTTPERR "$file" 80 --log-format='%d %t %h %^ %^ %^ %^ %^ %U %^ %^ %s %^ %^ %^ %^'
same "$(awk '$12 == 400 { n++ } END { print n }' <(httperr_log))" "$(hits 400)" 'HTTPERR: it finds as many 400'
