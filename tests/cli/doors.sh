#!/usr/bin/env bash
# How a server that is up is found: banner, ready line, --port-file, --ready-fd; and
# that what they say is open.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
need openssl openssl
plan 36

fresh banner
own_temp
server_start --tls 127.0.0.1:0 --logs logs --challenge secret
has "$SERVER_LOG" '^mockndes: healthy  ' 'the banner names the scenario'
has "$SERVER_LOG" "^  URL +$SERVER_URL\$" 'the banner has the URL'
has "$SERVER_LOG" "^ +$SERVER_TLS_URL\$" 'the banner has the URL over HTTPS'
has "$SERVER_LOG" '^  challenge +secret$' 'the banner has the challenge'
has "$SERVER_LOG" "^  CA +$TMPDIR/mockndes-[^/]+/ca\.pem\$" "the banner has the CA's path"
has "$SERVER_LOG" '^  logs +logs$' 'the banner has the folder of the logs'
check 'the CA is a certificate that openssl reads' openssl x509 -in "$SERVER_CA" -noout
same 700 "$(stat -c %a "$(dirname "$SERVER_CA")")" 'its folder is private'
fetched 200 'the URL answers' "$SERVER_URL?$CAPS"
fetched 200 'the URL over HTTPS answers who trusts the CA' --cacert "$SERVER_CA" "$SERVER_TLS_URL?$CAPS"
server_stop
nothing_left 'the folder goes with the server'

fresh ready-line
mkfifo stdout
start=$(now_ms)
"$MOCKNDES" --exit-with-parent --listen 127.0.0.1:0 --ready-fd 7 --port-file port \
	--scenario 414:limit=4096 7>fd7 >stdout 2>err </dev/null &
SERVER_PID=$!
IFS= read -r -t 20 SERVER_READY <stdout || bail_out 'no ready line on stdout'
port=$(cat port)
string='"[^"]+"'
printf '%s\n' "$SERVER_READY" >line
has line "^\{\"event\":\"ready\",\"pid\":$SERVER_PID,\"instance\":$string,\"scenario\":\"414:limit=4096\",\"seed\":[0-9]+,\"url\":$string,\"tls_url\":null,\"fault\":null,\"ports\":\[\{\"host\":\"127\.0\.0\.1\",\"port\":$port,\"tls\":false\}\],\"ca\":$string,\"challenge\":$string,\"control\":\"unix:$TMPDIR/[^\"]+\"\}\$" \
	'stdout gets one JSON object with pid, scenario, seed, URLs, ports, CA, challenge and control'
same "$SERVER_READY" "$(cat fd7)" '--ready-fd gets the same line'
same "http://127.0.0.1:$port/certsrv/mscep/mscep.dll" "$(ready_value url)" '--port-file holds the port'
same "" "$(find . -name 'port?*')" 'no draft of --port-file is left'
fetched 200 'the port answers' "$(ready_value url)?$CAPS"
server_stop
below 20000 "$(($(now_ms) - start))" 'all that in less than twenty seconds'

# The keys take a while: a file that appears with the socket is there before the CA.
fresh port-file
own_temp
ca_there() {
	compgen -G "$TMPDIR/mockndes-*/ca.pem" >/dev/null
}
echo 1 >port # of a run that was killed
"$MOCKNDES" --exit-with-parent --listen 127.0.0.1:0 --tls 127.0.0.1:0 --port-file port \
	>/dev/null 2>err </dev/null &
SERVER_PID=$!
await grep -qsv '^1$' port || bail_out '--port-file does not appear'
check 'when --port-file is there, so is the CA' ca_there
port=$(cat port)
fetched 200 'and the port in it, the first of --listen, answers' \
	"http://127.0.0.1:$port/certsrv/mscep/mscep.dll?$CAPS"
server_stop
same no "$([ -e port ] && echo yes || echo no)" '--port-file is gone with the server'
server_start --listen "127.0.0.1:$port" --port-file port
fetched 200 'the same port can be taken again at once' "$SERVER_URL?$CAPS"
server_stop

fresh several
doors=(--listen 127.0.0.1:0 --listen "localhost:0,127.0.0.1:0" --tls 127.0.0.1:0 --tls 127.0.0.1:0)
has_ipv6=no
! grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null || has_ipv6=yes
[ "$has_ipv6" = no ] || doors+=(--listen '[::1]:0' --tls '[::1]:0')
server_start "${doors[@]}"
mapfile -t urls < <(grep -oE 'https?://[^ ]+$' "$SERVER_LOG")
for i in 0 1 2 3 4; do
	fetched 200 "several doors: number $((i + 1)) of the banner answers" \
		--cacert "$SERVER_CA" "${urls[i]-}?$CAPS"
done
if [ "$has_ipv6" = yes ]; then
	fetched 200 'several doors: IPv6' "${urls[5]-}?$CAPS"
	fetched 200 'several doors: IPv6, HTTPS' --cacert "$SERVER_CA" "${urls[6]-}?$CAPS"
else
	skip 'this machine has no IPv6' 'several doors: IPv6'
	skip 'this machine has no IPv6' 'several doors: IPv6, HTTPS'
fi
same "${#urls[@]}" "$(printf '%s\n' "${urls[@]}" | sort -u | grep -c .)" 'several doors: each its own port'
same "${#urls[@]}" "$(grep -o '"host"' <<<"$SERVER_READY" | grep -c .)" 'several doors: all in the ready line'
server_stop

fresh tls-only
server_start --listen 127.0.0.1:0 --name mdm.example --tls 127.0.0.1:0 --port-file port
same "http://mdm.example:$(cat port)/certsrv/mscep/mscep.dll" "$SERVER_URL" '--name is in the URL'
port=$(port_of "$SERVER_TLS_URL")
fetched 200 '--name is in the certificate' --cacert "$SERVER_CA" \
	--resolve "mdm.example:$port:127.0.0.1" "$SERVER_TLS_URL?$CAPS"
fetched 200 'and so is localhost' --cacert "$SERVER_CA" \
	--resolve "localhost:$port:127.0.0.1" "https://localhost:$port/certsrv/mscep/mscep.dll?$CAPS"
server_stop
mkfifo stdout
"$MOCKNDES" --exit-with-parent --tls 127.0.0.1:0 --port-file port2 --quiet >stdout </dev/null &
SERVER_PID=$!
IFS= read -r -t 20 SERVER_READY <stdout || bail_out 'no ready line on stdout'
same '' "$(ready_value url)" '--tls alone: no door without it'
same "$(cat port2)" "$(port_of "$(ready_value tls_url)")" '--tls alone: its port is in --port-file'
fetched 200 '--tls alone: it answers' --cacert "$(ready_value ca)" "$(ready_value tls_url)?$CAPS"
server_stop
