#!/usr/bin/env bash
# The HTTP requests of Microsoft's two checking scripts, in their order, and the verdict
# that each would give: Validate-NDESUrl.ps1 for several sizes of a query, and what
# Validate-NDESConfiguration.ps1 asks of the web server.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 36

# ask ARGUMENT...: the body into ./body; prints the status
ask() {
	: >body
	curl -sSg -m 20 --cacert "$SERVER_CA" -o body -w '%{http_code}' "$@"
}

# fake_challenge SIZE: of about SIZE KB, as Validate-NDESUrl makes it
fake_challenge() {
	local block i

	printf -v block 'NDESLongUrlValidatorFakeChallenge%.0s' {1..31}
	for ((i = 1; i <= $1; i++)); do
		printf '%s%d' "$block" $((i + 1))
	done
}

# validate_url SIZE: Validate-NDESUrl.ps1 -querysize SIZE
validate_url() {
	local url=$SERVER_TLS_URL step=NDESLongUrlValidatorStep status

	case $(ask "$url") in
	403) echo 'base URL: success' ;;
	200) echo 'base URL: warning: the Intune Connector is not registered' ;;
	*) echo 'base URL: Unexpected Error code' ;;
	esac
	for asked in "GetCACaps ${step}1of3" "GetCACerts ${step}2of3"; do
		status=$(ask "$url?operation=${asked% *}&message=${asked#* }")
		if [ "$status" = 200 ] && [ -s body ]; then
			echo "${asked% *}: success"
		else
			echo "${asked% *}: error"
		fi
	done
	status=$(ask "$url?operation=PKIOperation&message=$(fake_challenge "$1")")
	case $status in
	200) echo "Server accepts a $1KB URI" ;;
	414) echo "The $1KB URI is too long" ;;
	*) echo "PKIOperation: error $status" ;;
	esac
}

# validate_configuration: the part of Validate-NDESConfiguration.ps1 that speaks HTTP
validate_configuration() {
	local url=$SERVER_TLS_URL status

	status=$(ask "$url")
	case $status in
	403) echo 'internal URL: healthy' ;;
	200) echo 'internal URL: error with the Intune Connector registering itself or not being installed' ;;
	*) echo "internal URL: Unexpected Error code $status" ;;
	esac
	status=$(ask "$url?operation=GetCACaps&message=test")
	if [ "$status" = 200 ]; then
		echo 'GetCACaps: healthy'
	else
		echo "GetCACaps: error $status"
	fi
	# Here the script leaves mscep.dll out, and follows where it is sent.
	ask -L "${url%/mscep.dll}?operation=GetCACaps&message=test" >/dev/null
	echo "GetCACaps without the file: $(paste -sd, body)"
}

# says DESCRIPTION LINE... -- COMMAND...: COMMAND prints just these lines
says() {
	local description=$1 want=()

	shift
	while [ "$1" != -- ]; do
		want+=("$1")
		shift
	done
	shift
	run "$@"
	same "$(printf '%s\n' "${want[@]}")" "$(cat "$OUTPUT")" "$description"
}

success=('base URL: success' 'GetCACaps: success' 'GetCACerts: success')
caps='POSTPKIOperation,Renewal,SHA-512,SHA-256,SHA-1,DES3'
healthy=('internal URL: healthy' 'GetCACaps: healthy' "GetCACaps without the file: $caps")
doors=(--quiet --listen 127.0.0.1:0 --tls 127.0.0.1:0 --logs logs)

fresh healthy
server_start "${doors[@]}"
for size in 1 15 16 31; do
	says "healthy: Validate-NDESUrl accepts $size KB" \
		"${success[@]}" "Server accepts a ${size}KB URI" -- validate_url "$size"
done
says 'healthy: Validate-NDESConfiguration' "${healthy[@]}" -- validate_configuration
ask "$SERVER_TLS_URL?operation=GetCACerts&message=NDESLongUrlValidatorStep2of3" >/dev/null
check 'healthy: what GetCACerts brings can be saved as p7b' \
	openssl pkcs7 -inform der -in body -print_certs -noout
server_stop
iis_log >iis
logged() { # WHAT REGEX
	has <(cut -c1-300 iis) "$2" "healthy: the IIS log has $1"
}
logged 'the base URL' ' GET /certsrv/mscep/mscep\.dll - .* 403 0 0 '
logged 'step 1' ' operation=GetCACaps&message=NDESLongUrlValidatorStep1of3 .* 200 0 0 '
logged 'step 2' ' operation=GetCACerts&message=NDESLongUrlValidatorStep2of3 .* 200 0 0 '
logged 'the redirection' ' GET /certsrv/mscep operation=GetCACaps&message=test .* 301 0 0 '
logged 'where it leads' ' GET /certsrv/mscep/ operation=GetCACaps&message=test .* 200 0 0 '

same 31 "$(awk '/ operation=PKIOperation&/ && / 200 0 0 / { kb = int(length($6) / 1000) } END { print kb }' iis)" \
	'healthy: the IIS log has the longest query whole'

# HTTP.sys as it is shipped: 16 KB for the whole request.
fresh stock
server_start "${doors[@]}" --scenario 414:limit=stock
for size in 1 15; do
	says "stock: Validate-NDESUrl accepts $size KB" \
		"${success[@]}" "Server accepts a ${size}KB URI" -- validate_url "$size"
done
for size in 16 31; do
	says "stock: for Validate-NDESUrl $size KB are too long" \
		"${success[@]}" "The ${size}KB URI is too long" -- validate_url "$size"
done
says 'stock: Validate-NDESConfiguration sees nothing of it' \
	'internal URL: healthy' 'GetCACaps: healthy' \
	"GetCACaps without the file: ${caps#*,}" -- validate_configuration
server_stop
same 2 "$(httperr_log | grep -c ' 414 - URL_Length ')" 'stock: HTTPERR has the two'

# Without the connector the same server is a faulty one to them, a warning at least.
fresh ndes
server_start "${doors[@]}" --profile ndes
says 'ndes: Validate-NDESUrl warns' \
	'base URL: warning: the Intune Connector is not registered' "${success[@]:1}" \
	'Server accepts a 1KB URI' -- validate_url 1
says 'ndes: Validate-NDESConfiguration misses the connector' \
	'internal URL: error with the Intune Connector registering itself or not being installed' \
	"${healthy[@]:1}" -- validate_configuration
server_stop

# The connector is missing although it was meant to be there.
fresh connector
server_start "${doors[@]}" --scenario connector-missing
says 'connector-missing: Validate-NDESUrl warns' \
	'base URL: warning: the Intune Connector is not registered' "${success[@]:1}" \
	'Server accepts a 1KB URI' -- validate_url 1
says 'connector-missing: Validate-NDESConfiguration misses it' \
	'internal URL: error with the Intune Connector registering itself or not being installed' \
	"${healthy[@]:1}" -- validate_configuration
server_stop

# IIS as it is shipped: 2048 bytes of query.
fresh shipped
server_start "${doors[@]}" --scenario 414
says '414: Validate-NDESUrl accepts 1 KB' \
	"${success[@]}" 'Server accepts a 1KB URI' -- validate_url 1
for size in 15 16 31; do
	says "414: for Validate-NDESUrl $size KB are too long" \
		"${success[@]}" "The ${size}KB URI is too long" -- validate_url "$size"
done
server_stop

fresh stopped
server_start "${doors[@]}" --scenario pool-stopped
says '503: Validate-NDESUrl' 'base URL: Unexpected Error code' \
	'GetCACaps: error' 'GetCACerts: error' 'PKIOperation: error 503' -- validate_url 1
run validate_configuration
has "$OUTPUT" '^internal URL: Unexpected Error code 503$' '503: Validate-NDESConfiguration'
server_stop
same 7 "$(httperr_log | grep -c ' 503 ')" '503: HTTPERR has a line for each request'

fresh impersonation
server_start "${doors[@]}" --scenario 500
says 'impersonation: Validate-NDESUrl' 'base URL: Unexpected Error code' \
	'GetCACaps: error' 'GetCACerts: error' 'PKIOperation: error 500' -- validate_url 1
run validate_configuration
has "$OUTPUT" '^internal URL: Unexpected Error code 500$' 'impersonation: Validate-NDESConfiguration'
server_stop

fresh old
server_start "${doors[@]}" --server-version 2012r2
for size in 1 15 16 31; do
	says "2012 R2: Validate-NDESUrl accepts $size KB" \
		"${success[@]}" "Server accepts a ${size}KB URI" -- validate_url "$size"
done
says '2012 R2: Validate-NDESConfiguration' "${healthy[@]:0:2}" \
	"GetCACaps without the file: ${caps#*,}" -- validate_configuration
server_stop
