# shellcheck shell=sh
# Builds out of tree, in a folder of the checkout.  Sourced by quickstart and
# run-tests; the caller sets $program and stands in the checkout's root.

: "${program:?}"

# Is there no such file, or is it older than one of the others?  (POSIX has
# no test -nt.)
is_older() { # FILE OTHER..
	older=$1
	shift
	[ ! -e "$older" ] || [ -n "$(find "$@" -newer "$older")" ]
}

build_bootstrap() {
	is_older configure configure.ac Makefile.am ||
		is_older Makefile.in configure.ac Makefile.am || return 0
	./bootstrap || return 1
	# autoreconf leaves alone what would come out the same
	touch configure Makefile.in
}

# With no arguments any configuration that stands will do.
build_configure() { # FOLDER CONFIGURE-ARGUMENT..
	folder=$1
	shift
	if ! is_older "$folder/config.status" configure; then
		[ $# -gt 0 ] || return 0
		[ "$(cat "$folder/.configured-with" 2>/dev/null)" != "$*" ] ||
			return 0
	fi
	# by a relative name: configure refuses a space in that of its source
	(cd "$folder" && ../configure "$@") || return 1
	echo "$*" >"$folder/.configured-with"
}

build_steps() { # FOLDER CONFIGURE-ARGUMENT..
	build_bootstrap && build_configure "$@" && make -C "$1" -j"$(nproc)"
}

# Leaves FOLDER/src/sessgate up to date, or shows why not and fails with 70
# (EX_SOFTWARE).  One at a time in a checkout: of two at once the second one
# waits for the first one's make, and then has nothing to do.
build_tree() { # FOLDER CONFIGURE-ARGUMENT..
	if [ -d "$1" ] && [ ! -w "$1" ] && [ -x "$1/src/sessgate" ]; then
		return 0 # another user's build: taken as it is
	fi
	if [ -e config.status ]; then
		echo "$program: configured in the source folder; run 'make distclean' there first" >&2
		return 70
	fi
	mkdir -p build "$1" || return 70
	(
		flock 9
		if ! (build_steps "$@") >"$1/build.log" 2>&1 9>&-; then
			tail -n 40 "$1/build.log" >&2
			echo "$program: the build failed; all of it is in $1/build.log" >&2
			exit 70
		fi
	) 9>build/.lock
}
