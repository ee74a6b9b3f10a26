# shellcheck shell=sh
# Boots a root of root.sh with systemd-nspawn, runs a script in it, and powers it
# off.  Sourced by prove-systemd and prove-deb after root.sh, whose $root and
# $checkout it takes.

: "${program:?}" "${checkout:?}" "${root=}"
machine= # the process of the booted machine

boot_require() {
	command -v systemd-nspawn >/dev/null || {
		echo "$program: missing here: apt-get install systemd-container" >&2
		exit 69
	}
}

# For the caller's trap: ends the machine, then the root.
boot_clean_up() {
	trap '' INT TERM HUP
	[ -z "$machine" ] || {
		kill "$machine" 2>/dev/null || :
		wait "$machine" || :
	}
	root_remove
}

boot_write_unit() { # SCRIPT WHAT SECONDS
	cat >"$root/etc/systemd/system/prove.service" <<-UNIT
		[Unit]
		After=multi-user.target
		SuccessAction=poweroff
		FailureAction=poweroff
		[Service]
		Type=oneshot
		Environment=HOME=/root
		ExecStart="$checkout/$1" $2
		StandardOutput=append:/srv/result
		StandardError=inherit
		TimeoutStartSec=$3
	UNIT
	mkdir -p "$root/etc/systemd/system/default.target.wants"
	ln -sf ../prove.service \
		"$root/etc/systemd/system/default.target.wants/prove.service"
}

# SCRIPT WHAT must end with "WHAT: N passed, 0 failed".  Debian's lighttpd opens
# port 80 of every address: --private-network.  Newer ones of systemd want the
# unified hierarchy, whatever this machine has.
boot() { # SCRIPT WHAT SECONDS
	boot_write_unit "$@"
	rm -f "$root/srv/result"
	SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 \
		timeout -k 20 $(($3 + 60)) systemd-nspawn --quiet --register=no \
		--keep-unit --private-network --directory="$root" --console=pipe \
		--boot </dev/null >"$root/boot-$2.log" 2>&1 &
	machine=$!
	wait "$machine" || :
	machine=
	[ -e "$root/srv/result" ] || {
		tail -n 40 "$root/boot-$2.log" >&2
		echo "$program: the machine did not come up" >&2
		return 70
	}
	cat "$root/srv/result"
	grep -qx "$2: [0-9]* passed, 0 failed" "$root/srv/result"
}
