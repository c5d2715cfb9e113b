#!/usr/bin/env bash
# What cannot be meant is refused with 2, what cannot be done with 1; each in one line
# that names it and says what to do.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
plan 64

fresh words
refused 2 'there is no option --listne; did you mean --listen' --listne 127.0.0.1:0
refused 2 'there is no option --xyzzy; mockndes --help lists all' --xyzzy
refused 2 'there is no option -q; mockndes --help lists all' -q
refused 2 'lst is not a command .*; did you mean list\?' lst
refused 2 '414 is not a command .*--scenario' 414
refused 2 'healthy is not a command .*--scenario' --quiet healthy
refused 2 'there is nothing behind --: put the COMMAND to run there' --
refused 2 'mockndes list takes --group, --json, not --logs' list --logs logs
refused 2 '--json belongs to another command: mockndes list, explain, check, decode, ctl' --json
refused 2 '--listen needs a value: --listen HOST:PORT' --listen
refused 2 '--logs needs a value: --logs DIR' --logs --quiet
refused 2 '--logs is empty' --logs ''
refused 2 '--quiet is a switch: it takes yes or no, not maybe' --quiet=maybe
for option in '--child fail' '--timeout 3s' --allow-unfired; do
	read -ra option <<<"$option"
	refused 2 "${option[0]} is about a COMMAND and there is none: put it behind --" "${option[@]}"
done

fresh values
refused 2 "there is no scenario '41'; did you mean 414\?.* mockndes list" --scenario 41
refused 2 "there is no scenario 'uri-to-long'; did you mean uri-too-long( |\?)" --scenario uri-to-long
refused 2 "scenario uri-too-long has no parameter 'limt'; did you mean limit\?" --scenario 414:limt=3
refused 2 "scenario uri-too-long: '70000' for 'limit' .* from 1 to 65534" --scenario 414:limit=70000
refused 2 "scenario uri-too-long: 'witheld' for 'post' .* withheld, offered" --scenario 414:post=witheld
refused 2 '--scenario is given twice' --scenario 414 --scenario 500
refused 2 '--scenario and --scenario-file both name the fault: leave one out' \
	--scenario 414 --scenario-file mine.yaml
refused 2 '--workers 99: it must be a number from 0 to 64' --workers 99
refused 2 '--max-field-length 65535: it must be a number from 64 to 65534' --max-field-length 65535
refused 2 '--idle-timeout 5: .* with its unit' --idle-timeout 5
refused 2 '--head-timeout 0s: ' --head-timeout 0s
refused 2 '--timeout 721h: ' --timeout 721h -- true
refused 2 '--ready-fd 1: .* from 3 on' --ready-fd 1
refused 2 '--server-version takes 2012r2\|2016\|2019\|2022, not 2017' --server-version 2017
refused 2 '--log-format takes text\|json, not jsn; did you mean json\?' --log-format jsn
refused 2 '--child takes ok\|fail\|any, not fial; did you mean fail\?' --child fial -- true
refused 2 '--name http://x is not a host name' --name http://x

fresh doors
refused 2 '--listen 8080 .* write 127\.0\.0\.1:8080' --listen 8080
refused 2 '--listen :8080 .* write 127\.0\.0\.1:8080' --listen :8080
refused 2 '--listen 127\.0\.0\.1 is not HOST:PORT' --listen 127.0.0.1
refused 2 '--tls 127\.0\.0\.1:70000: the port must be a number .* to 65535' --tls 127.0.0.1:70000
refused 2 '--listen 0\.0\.0\.0:0 can be reached from other machines.* --expose' --listen 0.0.0.0:0
refused 2 '--tls \[::\]:0 can be reached from other machines.* --expose' --tls '[::]:0'
refused 2 '--listen 192\.0\.2\.1:0 can be reached' --listen 192.0.2.1:0
refused 2 "there is no scenario 'none'" --listen 0.0.0.0:0 --expose --scenario none

fresh files
printf 'mockndes: 1\nid: mine\nruls: []\n' >key.yaml
refused 2 "key\.yaml:3:1: 'ruls' is not a key .*did you mean rules\?" --scenario-file key.yaml
printf 'mockndes: 1\nid: [mine\n' >bracket.yaml
refused 2 'bracket\.yaml:3:1: not YAML: ' --scenario-file bracket.yaml
: >empty.yaml
refused 2 'empty\.yaml:' --scenario-file empty.yaml
refused 2 'cannot read the scenario file nowhere\.yaml: No such file' --scenario-file nowhere.yaml
refused 2 'cannot read the scenario file \.: ' --scenario-file .

fresh variables
export MOCKNDES_OPT_LGOS=x
refused 2 'there is no option MOCKNDES_OPT_LGOS; did you mean --logs'
unset MOCKNDES_OPT_LGOS
export MOCKNDES_OPT_XYZZY=x
refused 2 'there is no option MOCKNDES_OPT_XYZZY; '
refused 2 'there is no option MOCKNDES_OPT_XYZZY; ' -- true
unset MOCKNDES_OPT_XYZZY
export MOCKNDES_OPT_WORKERS=many
refused 2 '--workers many: .* \(from MOCKNDES_OPT_WORKERS\)'
unset MOCKNDES_OPT_WORKERS
export MOCKNDES_SCENARIO=41
refused 2 "there is no scenario '41'; did you mean 414"
unset MOCKNDES_SCENARIO

fresh surroundings
own_temp
here=(--quiet --listen 127.0.0.1:0)
server_start --quiet
port=$(port_of "$SERVER_URL")
refused 1 "port $port on 127\.0\.0\.1 is in use .*choose another port" --listen "127.0.0.1:$port"
refused 1 "port $port on 127\.0\.0\.1 is in use .*choose another port" --tls "127.0.0.1:$port"
server_stop
refused 1 'cannot listen on 192\.0\.2\.1 port 0: .*' --listen 192.0.2.1:0 --expose
: >file
refused 1 'cannot make the folder file/logs: Not a directory; .*--logs' "${here[@]}" --logs file/logs
refused 1 'cannot write --port-file nowhere/port: No such file' "${here[@]}" --port-file nowhere/port
for fd in 3 4 5 6 7 8 9; do
	exec {fd}>&- # whatever the caller had there
done
# What mockndes itself opens would get the number, and the ready line.
for fd in 3 5 6 9; do
	refused 1 ".*--ready-fd $fd\b" "${here[@]}" --logs logs --ready-fd "$fd"
done
same '' "$(grep -rl event logs 2>/dev/null || true)" '--ready-fd: the ready line is in no log'
nothing_left 'a run that was refused leaves no folder'
export TMPDIR=$PWD/nowhere
refused 1 'cannot make a folder .* in .*/nowhere \(TMPDIR .*\): No such file' "${here[@]}"
refused 1 'cannot make a folder .* in .*/nowhere ' -- true
