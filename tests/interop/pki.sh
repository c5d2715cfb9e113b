#!/usr/bin/env bash
# strongSwan's pki --scepca and --scep (Debian's package strongswan-pki) against the
# real server. Version 5.9.8 takes the lines of GetCACaps for bits of a mask, so that
# --cipher des3 needs the line AES, and GET is beyond it: whatever it takes for a
# cipher it takes for POSTPKIOperation too.
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
tap_begin "$@"
need pki strongswan-pki
need openssl openssl
plan 19

caps=POSTPKIOperation,Renewal,SHA-512,SHA-256,SHA-1,DES3,AES

fresh enrol
mock --caps "$caps" -- enrol-pki host1 --cipher des3
ended 0 'pki enrols'
printed 'RA cert is trusted' 'pki trusts the RA certificates of GetCACert'
printed ' POST /certsrv/mscep/mscep\.dll PKIOperation PKCSReq 200 .* SUCCESS' 'pki enrols by POST'
certificate host1 CN=host1,O=acme,C=CH enrol
run openssl x509 -in host1.pem -noout -ext subjectAltName
printed 'DNS:host1\.example' 'the subjectAltName is as asked'

fresh aes
mock --caps Renewal,SHA-384 -- enrol-pki host2
ended 0 'pki enrols with AES, its default'

skip 'pki 5.9.8 posts whatever GetCACaps says, or stops' 'pki enrols by GET'

fresh renewal
mock --caps "$caps" --challenge right -- sh -c \
	'CHALLENGE=right enrol-pki first --cipher des3 &&
	CHALLENGE= enrol-pki second --cipher des3 --cert first.pem --key first.key'
ended 0 'renewal: pki renews with the old certificate and without a challenge'
printed 'PKIOperation RenewalReq 200 .* SUCCESS' 'renewal: by RenewalReq'
certificate second CN=second,O=acme,C=CH renewal

fresh pending
mock --caps "$caps" --scenario pending:polls=1 -- enrol-pki host3 --cipher des3
ended 0 'pending: pki polls and gets its certificate'
printed 'PKIOperation PKCSReq 200 .* PENDING' 'pending: the request is answered PENDING'
printed 'PKIOperation CertPoll 200 .* SUCCESS' 'pending: the CertPoll is answered SUCCESS'
check 'pending: openssl verifies the certificate' openssl verify -CAfile ca.pem host3.pem

fresh challenge
mock --caps "$caps" --challenge right --child fail -- \
	env CHALLENGE=wrong enrol-pki host4 --cipher des3
printed 'failInfo: +badMessageCheck' 'challenge: pki reads badMessageCheck for a wrong one'
