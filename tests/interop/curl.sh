#!/usr/bin/env bash
# curl against a running server: versions of HTTP, addresses, TLS, spelling of paths.
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
tap_begin "$@"
need curl curl
need openssl openssl
plan 20

# fetch ARGUMENT...: the body into ./body, "status version" into OUTPUT
fetch() {
	: >body
	run curl -sS -m 10 -o body -w '%{http_code} %{http_version}\n' "$@"
}

# has_caps WHO: the last fetch brought the capabilities of NDES
has_caps() {
	same '200 1.1' "$(cat "$OUTPUT")" "$1: 200"
	has body '^POSTPKIOperation' "$1: with the capabilities"
}

fresh doors
server_start --tls 127.0.0.1:0 --logs logs
tls_port=${SERVER_TLS_URL#https://127.0.0.1:}
tls_port=${tls_port%%/*}

fetch --http1.0 "$SERVER_URL?operation=GetCACaps"
has_caps 'HTTP/1.0'
fetch --http1.1 "$SERVER_URL?operation=GetCACaps"
has_caps 'HTTP/1.1'
fetch --http1.1 "${SERVER_URL/certsrv\/mscep\/mscep.dll/CERTSRV\/MSCEP\/MSCEP.DLL}?operation=GetCACaps"
has_caps 'upper-case path'
fetch --cacert "$SERVER_CA" "$SERVER_TLS_URL?operation=GetCACaps"
has_caps 'HTTPS by address'
fetch --cacert "$SERVER_CA" "https://localhost:$tls_port/certsrv/mscep/mscep.dll?operation=GetCACaps"
has_caps 'HTTPS by name'
# another CA: a bare machine has no list of CAs that curl could use by default
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=stranger \
	-keyout stranger.key -out stranger.pem 2>/dev/null
fetch --cacert stranger.pem "$SERVER_TLS_URL?operation=GetCACaps"
ended 60 'HTTPS: refused by curl without the CA'

run curl -sS -m 10 -o body -o body -w '%{http_code} %{num_connects}\n' "$SERVER_URL" "$SERVER_URL"
same $'403 1\n403 0' "$(cat "$OUTPUT")" 'the bare URL is 403, twice over one connection'
fetch -I "$SERVER_URL"
same '403 1.1' "$(cat "$OUTPUT")" 'HEAD is answered like GET'

fetch "$SERVER_URL?operation=GetCACert"
run openssl pkcs7 -inform der -in body -print_certs -noout
same 3 "$(grep -c '^subject=' "$OUTPUT")" 'GetCACert holds the two RA certificates and the CA'

head -c 4096 /dev/zero >message
fetch -H 'Expect: 100-continue' --expect100-timeout 20 --data-binary @message \
	"$SERVER_URL?operation=PKIOperation"
same '200 1.1' "$(cat "$OUTPUT")" 'POST with Expect: told to go on at once'
fetch -H 'Transfer-Encoding: chunked' --data-binary @message "$SERVER_URL?operation=PKIOperation"
same '200 1.1' "$(cat "$OUTPUT")" 'POST in chunks'

server_stop
same 0 "$STATUS" 'the server ends with 0 on TERM'
iis_log >iis
same 5 "$(grep -c ' operation=GetCACaps ' iis)" 'the IIS log has every GetCACaps that came'

fresh ipv6
if grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null; then
	server_start --listen '[::1]:0'
	fetch -g "$SERVER_URL?operation=GetCACaps"
	has_caps 'IPv6'
	server_stop
else
	skip 'this machine has no IPv6' 'IPv6: 200'
	skip 'this machine has no IPv6' 'IPv6: with the capabilities'
fi
