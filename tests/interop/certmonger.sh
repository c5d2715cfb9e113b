#!/usr/bin/env bash
# certmonger against the real server: its daemon, on a session bus of its own. It
# sends every PKIOperation by GET, whatever GetCACaps says.
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
tap_begin "$@"
need certmonger certmonger
need getcert certmonger
need dbus-run-session dbus-daemon
plan 14

fresh healthy
mock -- enrol-certmonger host1
ended 0 'certmonger enrols'
printed ' GET  /certsrv/mscep/mscep\.dll PKIOperation PKCSReq 200 .* SUCCESS' 'certmonger enrols by GET'
printed 'status: MONITORING' 'certmonger keeps watch over its certificate'
certificate host1 C=US,O=acme,CN=host1 healthy

fresh long-query
mock --scenario 414 --child fail -- enrol-certmonger host2
ended 0 '414: certmonger fails, the fault fired: the verdict is 0'
printed 'status: CA_UNREACHABLE' '414: certmonger has no answer to its request'
in_httperr_alone 414

fresh post-offered
mock --scenario 414:post=offered --child fail -- enrol-certmonger host3
ended 3 '414:post=offered: certmonger fails, and does not turn to POST'
printed 'exit 3: uri-too-long/switches-to-post' '414:post=offered: which is what is held against it'

fresh challenge
mock --challenge right --child fail -- env CHALLENGE=wrong enrol-certmonger host4
ended 0 'challenge: a wrong one is refused'
printed 'status: CA_REJECTED' 'challenge: certmonger reads the refusal'
