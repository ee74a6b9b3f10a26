# shellcheck shell=sh
# What sessgate needs of Debian, and how to tell that it is there.
# Sourced by each script that needs some of it; the caller sets $program.
#
# A probe asks for what is used, not for a package's name, so that another
# build of the same thing counts too: cmd a program, pc a pkg-config module,
# file a path, like a path that differs from one Debian to the next, py a
# module of /usr/bin/python3, node a module of node, host a name that resolves.

: "${program:?}"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # a plain user's lacks these
export PATH

packages_table() {
	cat <<-'ROWS'
		build gcc                     cmd gcc
		build make                    cmd make
		build autoconf                cmd autoreconf
		build automake                cmd automake
		build pkgconf                 cmd pkg-config
		build libc6-dev               cmd gcc
		build libfcgi-dev             pc fcgi
		build libhiredis-dev          pc hiredis
		build libjson-c-dev           pc json-c
		build default-libmysqlclient-dev pc mysqlclient
		build libargon2-dev           pc libargon2
		build libssl-dev              pc libcrypto
		build libcrypt-dev            pc libcrypt
		run redis-server              cmd redis-server
		run mariadb-server            cmd mariadbd
		run spawn-fcgi                cmd spawn-fcgi
		run curl                      cmd curl
		run php-fpm                   like /usr/sbin/php-fpm[0-9]*
		lighttpd lighttpd             cmd lighttpd
		apache apache2-bin            cmd apache2
		nginx nginx                   cmd nginx
		test apache2-dev              cmd apxs
		test libapache2-mod-php       like /usr/lib/apache2/modules/libphp*.so
		test libapache2-mod-fcgid     file /usr/lib/apache2/modules/mod_fcgid.so
		test haproxy                  cmd haproxy
		test redis-sentinel           cmd redis-sentinel
		test php-redis                like /usr/lib/php/*/redis.so
		test faketime                 cmd faketime
		test iproute2                 cmd ip
		test strace                   cmd strace
		test openssl                  cmd openssl
		test prometheus               cmd promtool
		test mandoc                   cmd mandoc
		test systemd                  cmd systemd-socket-activate
		test fail2ban                 cmd fail2ban-regex
		test logrotate                cmd logrotate
		test multiwatch               cmd multiwatch
		test libcmocka-dev            pc cmocka
		test libqrencode-dev          pc libqrencode
		test qrencode                 cmd qrencode
		test python3                  cmd /usr/bin/python3
		test python3-pytest           py pytest
		test python3-pytest-xdist     py xdist
		test python3-redis            py redis
		test python3-pymysql          py pymysql
		test python3-yaml             py yaml
		test chromium                 cmd chromium
		test chromium-headless-shell  cmd chromium-headless-shell
		test chromium-driver          cmd chromedriver
		test python3-selenium         py selenium
		test libnss-myhostname        host localhost
		applications wordpress        file /usr/share/wordpress/wp-load.php
		applications dokuwiki         file /usr/share/dokuwiki/doku.php
		applications mediawiki        file /usr/share/mediawiki/index.php
		applications phpmyadmin       file /usr/share/phpmyadmin/index.php
		applications php-mysql        like /usr/lib/php/*/mysqli.so
		applications php-cli          cmd php
		applications git              cmd git
		applications lighttpd-mod-webdav file /usr/lib/lighttpd/mod_webdav.so
		node nodejs                   cmd node
		node node-redis               node redis
		node node-express             node express
		node node-cookie-parser       node cookie-parser
		bench php-redis               like /usr/lib/php/*/redis.so
		bench php-mysql               like /usr/lib/php/*/mysqli.so
		bench libnginx-mod-http-lua   like /usr/lib/nginx/modules/ngx_http_lua_module.so
		bench lua-nginx-redis         like /usr/share/lua/5.1/nginx/redis.lua
		bench lua-cjson               like /usr/lib/*/lua/5.1/cjson.so
		bench valgrind                cmd valgrind
		bench util-linux              cmd setpriv
		guards apache2-dev            cmd apxs
		guards libapache2-mod-auth-openidc file /usr/lib/apache2/modules/mod_auth_openidc.so
		guards python3-cryptography   py cryptography
		format clang-format-14        cmd clang-format-14
		analyze clang-tidy-14         cmd clang-tidy-14
		analyze gcc-12                cmd gcc-12
		analyze cppcheck              cmd cppcheck
		long clang                    cmd clang
		long debootstrap              cmd debootstrap
		long systemd-container        cmd systemd-nspawn
	ROWS
}

is_there() { # KIND NAME
	# shellcheck disable=SC2086 # a pattern
	case $1 in
	cmd) command -v "$2" ;;
	pc) pkg-config --exists "$2" ;;
	file) [ -e "$2" ] ;;
	like) ls $2 ;;
	py) /usr/bin/python3 -c "import $2" ;;
	host) getent hosts "$2" ;;
	node) NODE_PATH=${NODE_PATH:-}:/usr/share/nodejs node -e "require.resolve('$2')" ;;
	esac >/dev/null 2>&1
}

# Prints the packages of these groups whose probe fails, on one line.
packages_missing() { # GROUP..
	packages_table | while read -r group package kind name; do
		case " $* " in *" $group "*) ;; *) continue ;; esac
		is_there "$kind" "$name" </dev/null || printf ' %s' "$package"
	done
}

# Installs without starting a service: what we need of the servers is their
# programs, ours run privately.  The policy file is Debian's way to say that.
# A subshell, so that its trap is its own.
packages_install() ( # PACKAGE..
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		trap 'rm -f "$policy"' EXIT
		trap 'exit 130' INT TERM HUP
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update &&
		apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
			install -y --no-install-recommends "$@" >/dev/null
)

# Makes sure of these groups, or says what to type and fails with 69
# (EX_UNAVAILABLE of sysexits.h).
packages_require() { # GROUP..
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "$program: missing here. As root:" >&2
		echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
		return 69
	fi
	echo "$program: installing$missing"
	# shellcheck disable=SC2086 # a list of words
	packages_install $missing || return 69
	missing=$(packages_missing "$@")
	[ -z "$missing" ] && return 0
	echo "$program: still missing after apt-get:$missing" >&2
	return 69
}
