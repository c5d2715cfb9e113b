#!/usr/bin/env bash
# scepclient (Debian's package scep) against the real server.
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
tap_begin "$@"
need scepclient scep
plan 41

subject() { # NAME
	echo "CN=$1,OU=MDM,O=acme,C=US"
}

fresh http
mock -- enrol-scepclient host1
ended 0 'http: scepclient enrols on healthy'
printed ' POST /certsrv/mscep/mscep\.dll PKIOperation PKCSReq 200 .* SUCCESS' 'http: by POST'
certificate host1 "$(subject host1)" http

fresh https
# shellcheck disable=SC2016 # the wrapper sets these
over_tls='MOCKNDES_URL=$MOCKNDES_TLS_URL exec "$@"'
# shellcheck disable=SC2016
mock -- sh -c "SSL_CERT_FILE=\$MOCKNDES_CA $over_tls" sh enrol-scepclient host2
ended 0 'https: scepclient enrols, trusting MOCKNDES_CA'
certificate host2 "$(subject host2)" https
fresh https-untrusted
mock --child fail -- sh -c "$over_tls" sh enrol-scepclient host2
ended 0 'https: it fails without that CA'
printed 'certificate signed by unknown authority' 'https: for want of trust'

fresh get
mock --caps Renewal,SHA-256,DES3 -- enrol-scepclient host3
ended 0 'get: scepclient enrols where POST is not offered'
printed ' GET  /certsrv/mscep/mscep\.dll PKIOperation PKCSReq 200 .* SUCCESS' 'get: by GET'
certificate host3 "$(subject host3)" get

fresh long-query
mock --scenario 414 --child fail -- enrol-scepclient host4
ended 0 '414: scepclient fails, the fault fired: the verdict is 0'
printed 'status 414 Request-URI Too Long' '414: it says why'
in_httperr_alone 414

fresh post-offered
mock --scenario 414:post=offered -- enrol-scepclient host5
ended 4 '414:post=offered: scepclient posts, nothing is proved: 4'
printed 'exit 4: .*never fired.*GET, query over 2048 bytes' \
	'414:post=offered: it says what would have had to come'
printed 'pkiStatus=SUCCESS' '414:post=offered: scepclient has enrolled'
lacks "$OUTPUT" 'PKIOperation .* 414 ' '414:post=offered: no 414 was sent'
fresh allow-unfired
mock --scenario 414:post=offered --allow-unfired -- enrol-scepclient host5
ended 0 '414:post=offered --allow-unfired: 0'

fresh impersonation
mock --scenario 500 --child fail -- enrol-scepclient host6
ended 0 '500: scepclient fails'
printed 'status 500 Internal Server Error' '500: it says why'
iis_log >iis
has iis ' GET /certsrv/mscep/mscep\.dll operation=GetCACert .* 500 0 1346 [0-9]+$' \
	'500: the IIS line ends 500 0 1346 and the time'

fresh evidence
cat >own.yaml <<'END'
mockndes: 1
id: own
group: own
title: A refusal with a line of its own
outcome: must-fail
doc: {symptom: x, cause: y, fix: z, provenance: inferred, sources: [{url: "https://example.org/"}]}
rules:
  - {id: refused, match: {}, scep: {status: FAILURE, fail_info: badRequest}, evidence: {iis: {substatus: 7, win32: 1346}}}
probes:
  - {send: {operation: PKIOperation}, want: {pki: FAILURE}}
END
mock --scenario-file own.yaml --child fail -- enrol-scepclient host9
ended 0 'evidence beside scep: scepclient fails'
iis_log >iis
has iis ' operation=PKIOperation .* 200 7 1346 [0-9]+$' 'evidence beside scep: the IIS line ends as it says'

fresh challenge
mock --challenge right --child fail -- env CHALLENGE=wrong enrol-scepclient host7
ended 0 'challenge: another word than --challenge is refused'
printed 'request failed, failInfo: badMessageCheck' 'challenge: scepclient reads badMessageCheck'
fresh challenge-right
mock --challenge right -- env CHALLENGE=right enrol-scepclient host7
ended 0 'challenge: the right word enrols'
fresh challenge-empty
mock --child fail -- env CHALLENGE= enrol-scepclient host7
ended 0 'challenge: an empty one is refused by default'
fresh challenge-optional
mock --challenge optional -- env CHALLENGE= enrol-scepclient host7
ended 0 'challenge: an empty one enrols with --challenge optional'

fresh renewal
mock --challenge right -- sh -c \
	'CHALLENGE=right enrol-scepclient host8 && cp host8.pem old.pem &&
	CHALLENGE= enrol-scepclient host8'
ended 0 'renewal: scepclient renews without a challenge'
printed 'PKIOperation RenewalReq 200 .* SUCCESS' 'renewal: by RenewalReq'
certificate host8 "$(subject host8)" renewal
check 'renewal: the certificate is a new one' \
	sh -c '! cmp -s old.pem host8.pem || { echo "it is the old one"; exit 1; }'
