#!/usr/bin/env bash
# --mscep-user: who gets into mscep_admin by NTLM, Negotiate and Basic, who does not,
# what the connection remembers, what Windows would have logged, and what is said where
# GSSAPI or its NTLM mechanism is not installed.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 44

# serve OPTION...: a server with the log in ./logs; ADMIN is the page's URL
serve() {
	server_start --logs logs "$@"
	ADMIN=${SERVER_URL%/mscep/*}/mscep_admin/
}

# asked WANT DESCRIPTION ARGUMENT...: curl gets this status from mscep_admin in the end
asked() {
	local want=$1 description=$2

	shift 2
	fetched "$want" "$description" -D head "$@" "$ADMIN"
}

# challenges DESCRIPTION WANT: the WWW-Authenticate lines of the 401s in ./head, tokens
# left out
challenges() {
	same "$2" "$(sed -n '/^HTTP.* 401 /,/^\r$/s/^WWW-Authenticate: \([^ \r]*\).*/\1/Ip' head |
		paste -sd' ')" "$1"
}

# as USER: the client's side of Negotiate takes its password from a file
as() {
	printf '%s\n' "$1" >client
	export NTLM_USER_FILE=$PWD/client
}

fresh lets-in
serve --mscep-user 'CONTOSO\Admin:S3c:ret'
asked 401 'nobody is asked who he is'
challenges 'for Negotiate first, then NTLM' 'Negotiate NTLM'
asked 200 'NTLM: the account' --ntlm -u 'CONTOSO\Admin:S3c:ret'
challenges 'NTLM: its challenge is the only one in its 401' NTLM
asked 200 'NTLM: names in another case' --ntlm -u 'contoso\ADMIN:S3c:ret'
asked 200 'NTLM: without a domain' --ntlm -u 'Admin:S3c:ret'
asked 401 'NTLM: wrong password' --ntlm -u 'CONTOSO\Admin:s3c:ret'
challenges 'NTLM: after that all are offered again' 'NTLM Negotiate NTLM'
asked 401 'NTLM: no password' --ntlm -u 'CONTOSO\Admin:'
asked 401 'NTLM: wrong user' --ntlm -u 'CONTOSO\Other:S3c:ret'
asked 401 'NTLM: wrong domain' --ntlm -u 'FABRIKAM\Admin:S3c:ret'
asked 401 'NTLM: a token that is none' -H 'Authorization: NTLM eA=='
asked 401 'NTLM: no base64' -H 'Authorization: NTLM !!!'
asked 401 'NTLM: no token' -H 'Authorization: NTLM'
asked 200 'Basic: the account' --basic -u 'CONTOSO\Admin:S3c:ret'
asked 200 'Basic: names in another case, no domain' --basic -u 'admin:S3c:ret'
asked 401 'Basic: wrong password' --basic -u 'CONTOSO\Admin:S3c:rets'
asked 401 'Basic: wrong user' --basic -u 'CONTOSO\Other:S3c:ret'
asked 401 'Basic: wrong domain' --basic -u 'FABRIKAM\Admin:S3c:ret'
asked 401 'Basic: no base64' -H 'Authorization: Basic !!!'
asked 401 'another scheme' -H 'Authorization: Digest username="Admin"'
server_stop

# A connection stays logged on: the second and third request carry nothing.
fresh connection
serve --mscep-user 'CONTOSO\Admin:S3cret'
PAGE=${ADMIN%/}
fetched 200 'a redirection is followed on the connection that has logged on' \
	-L --ntlm -u 'CONTOSO\Admin:S3cret' "$PAGE"
fetched 200200 'and one handshake does for two requests' -w '%{http_code}' \
	--ntlm -u 'CONTOSO\Admin:S3cret' "$ADMIN" -o body "$ADMIN"
asked 401 'another connection knows nothing of it'
as 'CONTOSO:Admin:S3cret'
asked 200 'Negotiate: the account' --negotiate -u :
challenges 'Negotiate: its challenge is the only one in its 401' Negotiate
asked 200 'a client that takes any' --anyauth -u :
as 'contoso:admin:S3cret'
asked 200 'Negotiate: names in another case' --negotiate -u :
as 'CONTOSO:Admin:wrong'
asked 401 'Negotiate: wrong password' --negotiate -u :
as 'CONTOSO:Other:S3cret'
asked 401 'Negotiate: wrong user' --negotiate -u :
as 'FABRIKAM:Admin:S3cret'
asked 401 'Negotiate: wrong domain' --negotiate -u :
unset NTLM_USER_FILE
asked 401 'Negotiate: a client with neither a ticket nor a user' --negotiate -u :
server_stop
iis_log >iis
line=' GET /certsrv/mscep_admin/? - [0-9]+'
has iis "$line - .* 401 2 5 [0-9]+\$" 'nobody: 401 2 5'
has iis "$line - .* 401 1 2148074254 [0-9]+\$" 'the handshake: 401 1 2148074254'
has iis "$line - .* 401 1 1326 [0-9]+\$" 'a failed logon: 401 1 1326'
has iis ' GET /certsrv/mscep_admin - [0-9]+ CONTOSO\\Admin .* 301 0 0 [0-9]+$' \
	'without the slash: 301 for the user'
has iis ' GET /certsrv/mscep_admin/ - [0-9]+ CONTOSO\\Admin .* 200 0 0 [0-9]+$' \
	'with it: 200 for the user'
lacks iis 'S3cret' 'no password is in the log'

# The mechanism is registered by a file, the library found by its name.
fresh without
mkdir libraries
echo 'no library' >libraries/libgssapi_krb5.so.2
export GSS_MECH_CONFIG=/dev/null
serve --mscep-user 'CONTOSO\Admin:S3cret'
unset GSS_MECH_CONFIG
asked 401 'without the mechanism: NTLM fails' --ntlm -u 'CONTOSO\Admin:S3cret'
has "$SERVER_LOG" 'install the package gss-ntlmssp' 'and the package is named'
asked 200 'Basic works' --basic -u 'CONTOSO\Admin:S3cret'
server_stop
export LD_LIBRARY_PATH=$PWD/libraries
serve --mscep-user 'CONTOSO\Admin:S3cret'
unset LD_LIBRARY_PATH
asked 401 'without the library: NTLM fails' --ntlm -u 'CONTOSO\Admin:S3cret'
has "$SERVER_LOG" 'install the packages libgssapi-krb5-2 and gss-ntlmssp' \
	'and the packages are named'
server_stop
refused 2 ".*--mscep-user.*DOMAIN.user:password" --mscep-user 'CONTOSO\Admin' -- true
