# shellcheck shell=sh
# Claims about a booted machine with sessgate behind a web server on port 80: a
# line for each.  Sourced by systemd/prove-inside and deb/prove-inside; the
# caller sets $password, of you@example.org.

: "${password:?}"
exec 3>&1
url=http://127.0.0.1/sessgate
jar=/srv/jar
passed=0 failed=0

claim() { # WHAT COMMAND..
	what=$1
	shift
	if "$@" >/srv/said 2>&1; then
		passed=$((passed + 1))
		echo "ok      $what"
		return
	fi
	failed=$((failed + 1))
	echo "NOT OK  $what"
	sed 's/^/  /' /srv/said
}

# Asks every 100 ms, 200 times at most.
wait_until() { # COMMAND..
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.1
	done
}

is_answered() { # STATUS CURL-ARGUMENT..
	wanted=$1
	shift
	got=$(curl -qs -m 20 -o /srv/body -w '%{http_code}' "$@")
	[ "$got" = "$wanted" ] && return
	echo "status $got instead of $wanted"
	cat /srv/body
	return 1
}

logs_in() {
	is_answered 200 -c $jar "$url/login" \
		--json "{\"email\":\"you@example.org\",\"password\":\"$password\"}"
}

is_checked() {
	is_answered 200 -b $jar "$url/auth"
}

works() {
	logs_in && is_checked
}

main_pid() {
	systemctl show -P MainPID sessgate.service
}

runs_as_its_user() {
	[ "$(stat -c %U "/proc/$(main_pid)")" = sessgate ]
}

state() { # UNIT
	systemctl show -P ActiveState "$1"
}

is_in_state() { # UNIT STATE
	[ "$(state "$1")" = "$2" ] && return
	systemctl status --no-pager "$1"
	return 1
}

are_active() { # UNIT..
	for unit; do
		is_in_state "$unit" active || return 1
	done
}

# Eight clients ask all the time while COMMAND is repeated, six times or more:
# until 12,000 requests are answered.
is_nothing_lost_while() { # COMMAND..
	rm -f /srv/enough
	: >/srv/answers
	while [ ! -e /srv/enough ]; do
		curl -qs -Z --parallel-max 8 -b $jar -o /dev/null \
			-w '%{http_code}\n' "$url/auth?[1-2000]" >>/srv/answers
	done &
	load=$!
	times=0
	while [ $times -lt 6 ] || [ "$(wc -l </srv/answers)" -lt 12000 ]; do
		"$@" || break
		times=$((times + 1))
		sleep 0.2
	done
	touch /srv/enough
	wait $load
	asked=$(wc -l </srv/answers)
	good=$(grep -cx 200 /srv/answers)
	echo "        $good of $asked answers, $times times: $*" >&3
	[ $times -ge 6 ] && [ "$good" = "$asked" ]
}

claims_sum() { # WHAT
	echo "$1: $passed passed, $failed failed"
	[ $failed = 0 ]
}
