#!/usr/bin/env bash
# --logs: what Windows would have written, where and how; and which Windows.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 31

stamp='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}'
w3c_fields='date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken'

# heads FILE: its lines that begin with '#', without CR and the time of the date
heads() {
	grep '^#' "$1" | sed -E "s/\\r\$//; s/^#Date: $stamp\$/#Date: now/"
}

fresh tree
server_start --quiet --logs logs --scenario 414
fetched 200 'an honest answer' -A 'agent with blanks' "$SERVER_URL?$CAPS"
fetched 414 'a fault of HTTP.sys' "$SERVER_URL?$CAPS&message=$(printf %03000d 1)"
server_stop
iis_file=$(echo logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log)
same "$iis_file
logs/Windows/System32/LogFiles/HTTPERR/httperr1.log" "$(find logs -type f | sort -r)" 'two files, each in its place'
has <(echo "$iis_file") '/u_ex[0-9]{6}\.log$' 'the IIS log is named by the day'
same "#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: now
#Fields: $w3c_fields" "$(heads "$iis_file")" 'the head of the IIS log'
iis_log >iis
httperr_log >httperr
port=$(port_of "$SERVER_URL")
has iis "^$stamp 127\\.0\\.0\\.1 GET /certsrv/mscep/mscep\\.dll $CAPS $port - 127\\.0\\.0\\.1 agent\\+with\\+blanks - 200 0 0 [0-9]+\$" \
	'the honest answer is in the IIS log'
same 1 "$(grep -c . iis)" 'and it alone: IIS never saw the 414'
has httperr "^$stamp 127\\.0\\.0\\.1 [0-9]+ 127\\.0\\.0\\.1 $port HTTP/1\\.1 GET /certsrv/mscep/mscep\\.dll\\?$CAPS&message=0+1 - - 414 - URL_Length - TCP\$" \
	'the 414 is in HTTPERR'
same 1 "$(grep -c . httperr)" 'and it alone'
same '' "$(grep -rnv $'\r''$' logs)" 'all lines end in CR LF'
lines=$(grep -c . "$iis_file")
server_start --quiet --logs logs
fetched 200 'a second run' "$SERVER_URL?$CAPS"
server_stop
iis_log >iis
same 2 "$(grep -c . iis)" 'a second run adds to the same file'
same yes "$([ "$(grep -c . "$iis_file")" -gt "$lines" ] && echo yes)" 'and takes nothing away'

fresh impersonation
server_start --quiet --logs logs --scenario 500 --log-fields sc-bytes
fetched 500 'impersonation: GetCACaps' "$SERVER_URL?$CAPS"
fetched 500 'impersonation: the bare URL' "$SERVER_URL"
size=$(stat -c %s body)
server_stop
iis_log >iis
same 2 "$(grep -Ec ' 500 0 1346 [0-9]+ [0-9]+$' iis)" 'impersonation: the lines end in 500 0 1346, bytes and time'
same '' "$(httperr_log)" 'impersonation: HTTPERR has none'
same "#Fields: ${w3c_fields/ time-taken/ sc-bytes time-taken}" \
	"$(heads logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log | tail -n 1)" 'sc-bytes: the head names it'
bytes=$(awk 'END { print $(NF - 1) }' iis)
same yes "$([ "$bytes" -gt "$size" ] && echo yes)" 'sc-bytes: head and body together'

# played VERSION SERVER POST FIELDS: what shows which Windows it is
played() {
	fresh "windows-$1"
	server_start --quiet --logs logs --server-version "$1"
	run curl -sS -m 10 -D head -o body "$SERVER_URL?$CAPS"
	run curl -sS -m 10 -o /dev/null -H 'Host:' "$SERVER_URL"
	server_stop
	has head "^Server: $2" "$1: the Server header"
	same "$3" "$(grep -c '^POSTPKIOperation' body || true)" "$1: POSTPKIOperation is listed $3 times"
	same "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri$4" \
		"$(heads logs/Windows/System32/LogFiles/HTTPERR/httperr1.log | tail -n 1)" "$1: the fields of HTTPERR"
	httperr_log >httperr
	same "$(wc -w <<<"date time c-ip c-port s-ip s-port cs-version cs-method cs-uri$4")" \
		"$(awk '{ print NF }' httperr)" "$1: a line has as many"
}
played 2012r2 'Microsoft-IIS/8\.5' 0 ' sc-status s-siteid s-reason s-queuename'
played 2016 'Microsoft-IIS/10\.0' 1 ' streamid sc-status s-siteid s-reason s-queuename'
played 2022 'Microsoft-IIS/10\.0' 1 ' streamid streamid_ex sc-status s-siteid s-reason s-queuename transport'
