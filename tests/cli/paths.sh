#!/usr/bin/env bash
# Scenarios by path, events, and faults that have a port of their own.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 27

at() { # SELECTOR
	echo "http://127.0.0.1:$(port_of "$SERVER_URL")/s/$1/certsrv/mscep/mscep.dll"
}

fresh paths
server_start --logs logs
fetched 200 'the default site is healthy' "$SERVER_URL?$CAPS"
fetched 500 'a scenario by its alias' "$(at 500)?$CAPS"
fetched 414 'with settings' "$(at 414:limit=30)?$CAPS&message=0123456789"
fetched 200 'which are its own' "$(at 414)?$CAPS&message=0123456789"
fetched 200 'healthy by path' "$(at healthy)?$CAPS"
fetched 404 'no such scenario' "$(at 41)?$CAPS"
has body 'did you mean.*414' 'is a sentence with the nearest ones'
fetched 404 'no such setting' "$(at 414:lmit=1)?$CAPS"
has body "did you mean 'limit'|limit" 'is one as well'
fetched 404 'a fault below HTTP' "$(at wrong-external-url)?$CAPS"
has body '\-\-scenario wrong-external-url' 'names the way to it'
fetched 301 'a redirect' "http://127.0.0.1:$(port_of "$SERVER_URL")/s/healthy@a/certsrv/mscep"
run curl -s -o /dev/null -w '%{redirect_url}\n' \
	"http://127.0.0.1:$(port_of "$SERVER_URL")/s/healthy@a/certsrv/mscep"
has "$OUTPUT" '/s/healthy@a/certsrv/mscep/$' 'stays on its site'
server_stop
same 6 "$(grep -hc '/certsrv/mscep' logs/inetpub/logs/LogFiles/W3SVC1/*)" \
	'Windows logs the path without the site, and nothing of what there is not'
lacks logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log '/s/' 'no line tells of a site'

fresh isolated
server_start --quiet
down=$(at '503@one')
fetched 503 'one site is down' "$down?$CAPS"
fetched 503 'another too' "$(at '503@two')?$CAPS"
run "$MOCKNDES" ctl --control "$(ready_value control)" event /s/503@one/start-pool
ended 0 'an event for one of them'
fetched 200 'brings it up' "$down?$CAPS"
fetched 503 'and not the other' "$(at '503@two')?$CAPS"
run "$MOCKNDES" ctl --control "$(ready_value control)" event /s/503@three/start-pool
ended 1 'a site that nobody asked for has no events'
server_stop

fresh doors
server_start --quiet --scenario wrong-external-url
port=$(fault_port)
same yes "$([ -n "$port" ] && echo yes)" 'the ready line names the port of the fault'
run curl -s -o /dev/null -w '%{errormsg}\n' "http://127.0.0.1:$port/"
ended 7 'it refuses connections'
fetched 200 'the others are healthy' "$SERVER_URL?$CAPS"
run "$MOCKNDES" ctl --control "$(ready_value control)" use wrong-external-url:how=reset
has "$OUTPUT" ', at http://127\.0\.0\.1:[0-9]+/' 'ctl use tells of the new port'
port=$(sed -E 's/.*:([0-9]+)\/certsrv.*/\1/' "$OUTPUT")
# a reset that comes while curl still looks whether it is connected is a 7 to it
run curl -s -o /dev/null "http://127.0.0.1:$port/"
[ "$STATUS" -ne 7 ] || STATUS=56
ended 56 'which resets them'
run "$MOCKNDES" ctl --control "$(ready_value control)" use healthy
lacks "$OUTPUT" ', at ' 'and goes with the scenario'
server_stop
