# shellcheck shell=bash
# interop: what the scripts of this folder share, on top of tests/support/tap.sh.

INTEROP=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/tap.sh
. "$INTEROP/../support/tap.sh"
PATH=$INTEROP/clients:$PATH

# mock [OPTION...] -- COMMAND...: the wrapper, with the logs in ./logs
mock() {
	run "$MOCKNDES" --logs logs --timeout 60s "$@"
}

# Lines of the logs that Windows would have written, without their heads.
iis_log() {
	cat logs/inetpub/logs/LogFiles/W3SVC1/*.log | sed '/^#/d; s/\r$//'
}

httperr_log() {
	cat logs/Windows/System32/LogFiles/HTTPERR/*.log | sed '/^#/d; s/\r$//'
}

public_keys_match() { # NAME
	[ -s "$1.pem" ] && [ -s "$1.key" ] &&
		cmp <(openssl x509 -in "$1.pem" -noout -pubkey) <(openssl pkey -in "$1.key" -pubout)
}

# certificate NAME SUBJECT WHO: three lines on what NAME.pem holds; SUBJECT as
# RFC 2253 writes it
certificate() {
	check "$3: openssl verifies the certificate" openssl verify -CAfile ca.pem "$1.pem"
	check "$3: the certificate holds the client's public key" public_keys_match "$1"
	run openssl x509 -in "$1.pem" -noout -subject -nameopt RFC2253
	same "subject=$2" "$(cat "$OUTPUT")" "$3: the subject is as asked"
}

# in_httperr_alone WHO: the refused GET is HTTP.sys's affair, IIS never saw it
in_httperr_alone() {
	httperr_log >httperr
	iis_log >iis
	has httperr ' GET /certsrv/mscep/mscep\.dll\?.* - - 414 - URL_Length - TCP$' \
		"$1: HTTPERR holds the 414"
	lacks iis 'PKIOperation' "$1: W3SVC1 does not"
}
