#!/usr/bin/env bash
# What the scripts of the single clients leave out of "each of the three, over HTTP and
# HTTPS, enrolment, polling and renewal, RSA 2048 and 4096".
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
tap_begin "$@"
need scepclient scep
need pki strongswan-pki
need certmonger certmonger
need getcert certmonger
need dbus-run-session dbus-daemon
need openssl openssl
plan 55

# pki.sh says why these
pki_caps=POSTPKIOperation,Renewal,SHA-512,SHA-256,SHA-1,DES3,AES

# has_bits BITS NAME WHO
has_bits() {
	run openssl x509 -in "$2.pem" -noout -text
	printed "Public-Key: \\($1 bit\\)" "$3: the certificate's key has $1 bits"
}

# serial FILE
serial() {
	openssl x509 -in "$1" -noout -serial
}

# skip_all COUNT WHY WHO
skip_all() {
	local i

	for ((i = 1; i <= $1; i++)); do
		skip "$2" "$3, $i of $1"
	done
}

# https_works: whether a client can be made to trust the mock as it trusts any server
https_works() {
	touch none.pem
	run env MOCKNDES_CA=none.pem MOCKNDES_TLS_URL=none over-https true
	[ "$STATUS" -ne 125 ]
}

pki_https() {
	mock --tls 127.0.0.1:0 --caps "$pki_caps" -- over-https enrol-pki host1 --cipher des3
	ended 0 'pki https: it enrols where the machine trusts the CA'
	printed ' POST /certsrv/mscep/mscep\.dll PKIOperation PKCSReq 200 .* SUCCESS' 'pki https: by POST'
	certificate host1 CN=host1,O=acme,C=CH 'pki https'
}

pki_https_polling() {
	mock --tls 127.0.0.1:0 --caps "$pki_caps" --scenario pending:polls=1 -- \
		over-https enrol-pki host10 --cipher des3 --interval 1 --maxpolltime 10
	ended 0 'pki https polling: it gets its certificate'
	printed ' CertPoll 200 .* SUCCESS' 'pki https polling: by CertPoll'
	certificate host10 CN=host10,O=acme,C=CH 'pki https polling'
}

certmonger_https() {
	mock --tls 127.0.0.1:0 -- over-https enrol-certmonger host2
	ended 0 'certmonger https: it enrols where the machine trusts the CA'
	printed ' GET  /certsrv/mscep/mscep\.dll PKIOperation PKCSReq 200 .* SUCCESS' 'certmonger https: by GET'
	certificate host2 C=US,O=acme,CN=host2 'certmonger https'
}

# scepclient sleeps 30 seconds between its polls: it does so behind the rest
fresh scepclient-polling
scepclient_polling=$PWD
PATIENCE=60 "$MOCKNDES" --logs logs --timeout 60s --scenario pending:polls=1 -- \
	enrol-scepclient host9 >output 2>&1 </dev/null &
poller=$!

# pki's libcurl reads the machine's list of CAs and no other.
fresh pki-own-list
# shellcheck disable=SC2016 # the wrapper sets these
mock --caps "$pki_caps" --child fail -- sh -c \
	'export SSL_CERT_FILE=$MOCKNDES_CA CURL_CA_BUNDLE=$MOCKNDES_CA
	MOCKNDES_URL=$MOCKNDES_TLS_URL exec enrol-pki host1 --cipher des3'
ended 0 'pki https: it fails where the machine does not trust the CA'
printed 'libcurl request failed \[60\]' 'pki https: for want of trust'

# certmonger's helper trusts -R for GetCACaps and GetCACert, not for PKIOperation.
fresh certmonger-own-list
# shellcheck disable=SC2016
mock --child fail -- sh -c \
	'MOCKNDES_URL=$MOCKNDES_TLS_URL exec enrol-certmonger host2'
ended 0 'certmonger https: -R alone is too little'
printed ' GetCACert +200 ' 'certmonger https: with -R it has the certificates'
printed 'ca-error: Error 60 connecting to https:' 'certmonger https: it does not use -R for PKIOperation'

fresh https
if https_works; then
	fresh pki-https
	pki_https
	fresh pki-https-polling
	pki_https_polling
	fresh certmonger-https
	certmonger_https
else
	why='the client reads the list of CAs of the machine alone, and here no namespace can have its own'
	skip_all 5 "$why" 'pki https'
	skip_all 5 "$why" 'pki https polling'
	skip_all 5 "$why" 'certmonger https'
fi

fresh scepclient-https-renewal
# shellcheck disable=SC2016 # the wrapper sets these
mock --challenge right -- sh -c \
	'export SSL_CERT_FILE=$MOCKNDES_CA MOCKNDES_URL=$MOCKNDES_TLS_URL
	CHALLENGE=right enrol-scepclient host11 && cp host11.pem old.pem &&
	CHALLENGE= enrol-scepclient host11'
ended 0 'scepclient https renewal: it renews without a challenge'
printed ' RenewalReq 200 .* SUCCESS' 'scepclient https renewal: by RenewalReq'
check 'scepclient https renewal: there is a certificate' \
	openssl x509 -in host11.pem -noout
if [ "$(serial old.pem)" != "$(serial host11.pem)" ]; then
	ok 'scepclient https renewal: the certificate is a new one'
else
	not_ok 'scepclient https renewal: the certificate is a new one' </dev/null
fi

fresh scepclient-4096
mock -- enrol-scepclient host3 -keySize 4096
ended 0 'scepclient 4096: it enrols'
certificate host3 CN=host3,OU=MDM,O=acme,C=US 'scepclient 4096'
has_bits 4096 host3 'scepclient 4096'

fresh pki-4096
mock --caps "$pki_caps" -- env BITS=4096 enrol-pki host4 --cipher des3
ended 0 'pki 4096: it enrols'
certificate host4 CN=host4,O=acme,C=CH 'pki 4096'
has_bits 4096 host4 'pki 4096'

fresh certmonger-4096
mock -- enrol-certmonger host5 -g 4096
ended 0 'certmonger 4096: it enrols'
certificate host5 C=US,O=acme,CN=host5 'certmonger 4096'
has_bits 4096 host5 'certmonger 4096'

# Left alone it would ask again after a week. It sends no CertPoll but the same request
# once more.
fresh certmonger-polling
# shellcheck disable=SC2016
mock --scenario pending:polls=1 -- env \
	THEN='getcert refresh -s -i host6; for i in $(seq 50); do
		getcert list -s -i host6 | grep -q MONITORING && exit; sleep 0.2; done; exit 1' \
	enrol-certmonger host6
ended 0 'certmonger polling: refreshed it polls'
printed ' PKIOperation PKCSReq 200 .* PENDING' 'certmonger polling: the request is answered PENDING'
printed ' PKIOperation PKCSReq 200 .* SUCCESS' 'certmonger polling: the same once more is answered SUCCESS'
certificate host6 C=US,O=acme,CN=host6 'certmonger polling'

# certmonger signs with the old certificate, but calls the message PKCSReq still.
fresh certmonger-renewal
mock --challenge right -- env \
	THEN='cp host7.pem old.pem; getcert resubmit -s -i host7 -L wrong -w --wait-timeout=20' \
	enrol-certmonger host7
ended 0 'certmonger renewal: the old certificate stands for the challenge'
certificate host7 C=US,O=acme,CN=host7 'certmonger renewal'
check 'certmonger renewal: the serial number is a new one' \
	test "$(serial old.pem)" != "$(serial host7.pem)"

cd "$scepclient_polling"
STATUS=0
wait "$poller" || STATUS=$?
OUTPUT=$PWD/output
ended 0 'scepclient polling: it sleeps and gets its certificate'
printed ' PKIOperation PKCSReq 200 .* PENDING' 'scepclient polling: the request is answered PENDING'
OUTPUT=$TAP_DIR/output
certificate host9 CN=host9,OU=MDM,O=acme,C=US 'scepclient polling'
