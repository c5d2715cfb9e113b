#!/usr/bin/env bash
# HTTP.sys's timers and limits: who is slow or too long is sent away, and HTTPERR says
# for what.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
plan 29

post='POST /certsrv/mscep/mscep.dll?operation=PKIOperation HTTP/1.1\r\nHost: a\r\n'

# zeros COUNT
zeros() {
	printf "%0$1d" 0
}

# sends FORMAT: to a new connection; what comes until the server closes in ./answer
sends() {
	dial
	say "$PEER" "$1"
	STATUS=0
	hear "$PEER" >answer || STATUS=$?
	hang_up "$PEER"
}

# answered STATUS WHO: by the first line; "" means closed without a word
answered() {
	same "$1" "$(sed -nE '1s|^HTTP/1\.1 ([0-9]+) .*\r$|\1|p' answer)" "$2"
}

# Each timer alone is short, so that a wrong one would keep the peer for two minutes;
# all three in one server.
fresh timers
server_start --quiet --logs logs --idle-timeout 150ms --head-timeout 250ms --body-timeout 200ms
for who in idle head line body; do
	case $who in
	idle) text='' ;;
	head) text='GE' ;;
	line) text='GET /slow HTTP/1.1\r\nHost: a\r\n' ;;
	body) text=$post'Content-Length: 9\r\n\r\nhalf' ;;
	esac
	sends "$text"
	same 0 "$STATUS" "$who: the server closes"
	answered '' "$who: without a word"
done
dial
kept=$PEER
say "$kept" 'HEAD /kept HTTP/1.1\r\nHost: a\r\n\r\n'
check 'idle behind a request: the server closes' hear "$kept"
hang_up "$kept"
stop TERM
httperr_log | sed -E 's/^([^ ]+ ){6}//' >httperr
same '- - - - - - - Timer_ConnectionIdle - TCP
- - - - - - - Timer_HeaderWait - TCP
HTTP/1.1 GET /slow - - - - Timer_HeaderWait - TCP
HTTP/1.1 POST /certsrv/mscep/mscep.dll?operation=PKIOperation - - - - Timer_EntityBody - TCP
- - - - - - - Timer_ConnectionIdle - TCP' "$(cat httperr)" 'HTTPERR has the reason of each, in order'
iis_log >iis
same 1 "$(grep -c ' HEAD /kept ' iis)" 'the IIS log has the whole request'
same 1 "$(grep -c . iis)" 'and no other'

# One timer at a time: the others are far away.
for timer in idle head body; do
	case $timer in
	idle) text='' reason=Timer_ConnectionIdle ;;
	head) text='GET /' reason=Timer_HeaderWait ;;
	body) text=$post'Content-Length: 9\r\n\r\n' reason=Timer_EntityBody ;;
	esac
	fresh "$timer-alone"
	server_start --quiet --logs logs "--$timer-timeout" 100ms
	sends "$text"
	same 0 "$STATUS" "--$timer-timeout alone: the server closes"
	server_stop
	has <(httperr_log) " $reason - TCP\$" "--$timer-timeout alone: $reason"
done

fresh lengths
server_start --quiet --logs logs --max-field-length 1000 --max-request-bytes 2000 --max-body-bytes 500
head='GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
sends "$head"'X: '"$(zeros 997)"'\r\n\r\n'
answered 404 'a header of 1000 bytes passes --max-field-length 1000'
sends "$head"'X: '"$(zeros 998)"'\r\n\r\n'
answered 400 'one of 1001 does not'
sends 'GET /?'"$(zeros 1100)"' HTTP/1.1\r\nHost: a\r\n\r\n'
answered 414 'nor does a longer URL'
has answer '^<BODY><h2>Request URL Too Long</h2>|The request URL is too long' '414: with the page of HTTP.sys'
sends "$head"'X: '"$(zeros 900)"'\r\nY: '"$(zeros 900)"'\r\n\r\n'
answered 404 'a head below --max-request-bytes 2000 passes'
sends "$head"'X: '"$(zeros 900)"'\r\nY: '"$(zeros 900)"'\r\nZ: '"$(zeros 200)"'\r\n\r\n'
answered 400 'one over it does not'
sends "$post"'Connection: close\r\nContent-Length: 500\r\n\r\n'"$(zeros 500)"
answered 200 'a body of 500 bytes passes --max-body-bytes 500'
sends "$post"'Content-Length: 501\r\n\r\n'
answered 413 'one of 501 does not'
sends "$post"'Transfer-Encoding: chunked\r\n\r\n1f5\r\n'"$(zeros 501)"'\r\n0\r\n\r\n'
answered 413 'nor does one in chunks'
stop TERM
same '400 - FieldLength
414 - URL_Length
400 - RequestLength
413 - EntityTooLarge
413 - EntityTooLarge' "$(httperr_log | grep -oE '[0-9]{3} - [A-Za-z_]+ - TCP$' | sed 's/ - TCP//')" \
	'HTTPERR has status and reason of each, in order'
iis_log >iis
same 3 "$(grep -c . iis)" 'the IIS log has those that passed, and no other'
