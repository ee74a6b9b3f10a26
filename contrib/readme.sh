# shellcheck shell=sh
# The blocks of README's "Putting it on a site", to be run by their letter.
# Sourced by prove-readme and systemd/prove-inside; the caller sets $program,
# $top (the checkout), $dir (a folder for the blocks) and $password (what
# stands for PASSWORD).

: "${program:?}" "${top:?}" "${dir:?}" "${password:?}"

say() { printf -- '-- %s\n' "$*"; }

# Writes each block to a file NN.LANGUAGE, without the indentation of a list.
readme_open() {
	awk -v dir="$dir" '
		/^## / { is_here = $0 == "## Putting it on a site" }
		!is_here { next }
		/^ *```/ && is_open { is_open = 0; close(file); next }
		/^ *```/ {
			is_open = 1
			indent = index($0, "`") - 1
			file = sprintf("%s/%02d.%s", dir, ++count, substr($0, indent + 4))
			next
		}
		is_open { print substr($0, indent + 1) >file }
	' "$top/README.md"
}

# Writes the one block of LANGUAGE that contains WORDS to $dir/block.
block() { # LANGUAGE WORDS
	found=$(grep -lF -e "$2" "$dir"/*."$1") || :
	[ -f "$found" ] || {
		echo "$program: not one block with: $2" >&2
		return 1
	}
	sed "s/PASSWORD/$password/g" "$found" >"$dir/block"
	chmod 755 "$dir" && chmod 644 "$dir/block"
	say "$(basename "$found"): $2"
}

# Runs a block in this shell: the folder and the variables it sets are there
# for the next.
paste() { # WORDS
	block sh "$1" || return
	# shellcheck disable=SC1091
	. "$dir/block"
}

# Appends README's configuration to CONF.  Its path of MySQL's socket is that of
# Debian 12; README says to ask the server.
write_configuration() { # CONF
	block ini '[redis]' || return
	socket=$(mariadb -Ne 'SELECT @@socket')
	sed "s|socket=.*|socket=$socket|" "$dir/block" >>"$1"
}
