# shellcheck shell=sh
# A minimal Debian in a folder, made by debootstrap with this machine's mirror,
# keys and apt settings.  Sourced by prove-fresh, prove-systemd and prove-deb; the
# caller sets $program and $release, and stands in the checkout's root.

: "${program:?}" "${release:?}"
root=          # the folder
is_kept=false  # is it left for the next time?
checkout='/srv/a checkout'
failures=0     # of root_prove

# Only root can make and enter a root.  Without FOLDER a temporary one, which
# root_remove removes.
root_open() { # [FOLDER]
	[ "$(id -u)" = 0 ] || {
		echo "$program: only root can make and enter a root of its own" >&2
		return 77
	}
	command -v debootstrap >/dev/null || {
		echo "$program: missing here: apt-get install debootstrap" >&2
		return 69
	}
	if [ $# = 1 ]; then
		is_kept=true
		mkdir -p "$1" && root=$(cd "$1" && pwd)
	else
		root=$(mktemp -d "${TMPDIR:-/var/tmp}/fresh.XXXXXX") &&
			chmod 755 "$root" # it becomes /, which every user must enter
	fi
}

# Undoes root_prepare, so that the root can be booted.
root_leave() {
	for place in dev/pts dev/shm proc .; do
		! mountpoint -q "$root/$place" || umount "$root/$place" ||
			umount -l "$root/$place"
	done
	rm -f "$root/usr/sbin/policy-rc.d"
}

root_remove() {
	[ ! -d "$root/usr" ] || root_leave
	# never descend into what could not be unmounted
	$is_kept || rm -rf --one-file-system "$root"
}

# Of this machine's own sources the first that is Debian's main archive.
root_mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' \
		'Identifier: Packages' |
		awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }'
}

root_make() { # RELEASE
	[ ! -e "$root/.is-made" ] || return 0
	[ -z "$(ls -A "$root")" ] || {
		echo "$program: $root is neither empty nor a whole root of mine: remove it" >&2
		return 73
	}
	from=$(root_mirror)
	[ -n "$from" ] || {
		echo "$program: no Debian archive among apt's sources; apt-get update first" >&2
		return 69
	}
	proxy=$(apt-config dump Acquire::http::Proxy --format '%v')
	${proxy:+env "http_proxy=$proxy"} debootstrap --variant=minbase \
		"$1" "$root" "$from" >"$root/debootstrap.log" 2>&1 || {
		tail -n 20 "$root/debootstrap.log" >&2
		return 70
	}
	touch "$root/.is-made"
}

# What apt fetches with here, it fetches with there.
root_copy_apt_settings() {
	for group in Acquire::http Acquire::https Acquire::Check-Date \
		Acquire::Check-Valid-Until; do
		apt-config dump "$group"
	done >"$root/etc/apt/apt.conf.d/90host"
	cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || :
}

# For work in the chroot: no service starts, terminals can be opened, and / is a
# mount of its own, as in any container (mount namespaces are made from it).
root_prepare() {
	mountpoint -q "$root" || mount --bind "$root" "$root"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
	mkdir -p "$root/dev/pts" "$root/dev/shm"
	mountpoint -q "$root/dev/pts" ||
		mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
	ln -sf pts/ptmx "$root/dev/ptmx"
	mountpoint -q "$root/dev/shm" || mount -t tmpfs tmpfs "$root/dev/shm"
}

root_copy_head() {
	rm -rf "$root$checkout"
	mkdir -p "$root$checkout"
	git archive HEAD | tar -x -C "$root$checkout"
}

root_do() { # COMMAND, with the checkout as working folder
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C HOME=/root TERM=dumb CI="${CI:-true}" \
		/bin/sh -c "cd '$checkout' || exit
			$1"
}

root_prove() { # WHAT COMMAND..
	printf '\n##### %s: %s\n' "$release" "$1"
	proved=$1
	shift
	if "$@"; then
		echo "##### good: $proved"
	else
		echo "##### FAILED: $proved"
		failures=$((failures + 1))
	fi
}
