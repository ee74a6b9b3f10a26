# shellcheck shell=sh
# The web servers of quickstart.  Only the frame is written here, as Debian's
# own files have it around ours; the rest is what print-config prints.  Sourced
# by quickstart, whose $build, $dir, $port, $web_user and $gate_port it takes.

: "${build:=}" "${dir:=}" "${port:=}" "${web_user:=}" "${gate_port:=}"
# those of the build; the caller may set those of an installation
print_config=contrib/print-config
front_module=$PWD/$build/apache/mod_sessgate.so

# True if Apache asks by mod_sessgate, which configure builds where apxs is.
front_has_module() {
	[ -e "$front_module" ]
}

front_print() { # NAME
	# shellcheck disable=SC2086 # a list of words
	$print_config "$1" socket="$dir/api.sock" docroot="$dir/www" \
		php="$dir/php.sock" module="$front_module" \
		${gate_port:+gate="127.0.0.1:$gate_port"}
}

# A line with the user that a server shall become, when root starts it.
front_user() { # FORMAT
	# shellcheck disable=SC2059 # a format of ours
	[ -z "$web_user" ] || printf "$1\n" "$web_user"
}

front_configure_lighttpd() {
	cat <<-CONF
		server.modules = ( "mod_access", "mod_indexfile", "mod_setenv", "mod_fastcgi", "mod_staticfile" )
		server.document-root = "$dir/www"
		server.bind = "127.0.0.1"
		server.port = $port
		server.errorlog = "$dir/web/error.log"
		server.upload-dirs = ( "$dir/web" )
		index-file.names = ( "index.php", "index.html" )
		mimetype.assign = ( ".html" => "text/html; charset=utf-8", ".css" => "text/css" )
		static-file.exclude-extensions = ( ".php" )
		fastcgi.server += ( ".php" => (( "socket" => "$dir/php.sock" )) )
	CONF
	front_user 'server.username = "%s"'
	front_print lighttpd
	front_print lighttpd-gate
}

front_run_lighttpd() { # FILE
	exec lighttpd -D -f "$1"
}

front_configure_apache() {
	for module in mpm_event authn_core authz_core authz_host authz_user \
		authnz_fcgi dir env headers mime proxy proxy_fcgi setenvif; do
		echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
	done
	cat <<-CONF
		ServerName localhost
		ServerRoot "$dir"
		DocumentRoot "$dir/www"
		Listen 127.0.0.1:$port
		PidFile "$dir/web.pid"
		ErrorLog "$dir/web/error.log"
		DefaultRuntimeDir "$dir/web"
		StartServers 1
		DirectoryIndex index.php index.html
		TypesConfig /dev/null
		AddType "text/html; charset=utf-8" .html
		AddType text/css .css
		<Directory "$dir/www">
		  Require all granted
		</Directory>
		<FilesMatch "\.php$">
		  SetHandler "proxy:unix:$dir/php.sock|fcgi://php"
		</FilesMatch>
	CONF
	front_user 'User %s'
	front_print apache
	if front_has_module; then
		front_print apache-module
	else
		front_print apache-gate
	fi
}

front_run_apache() { # FILE
	exec apache2 -DFOREGROUND -f "$1"
}

front_configure_nginx() {
	front_user 'user %s;'
	cat <<-CONF
		daemon off;
		pid $dir/web.pid;
		error_log $dir/web/error.log;
		events { }
		http {
		access_log off;
		client_body_temp_path $dir/web/body;
		fastcgi_temp_path $dir/web/fastcgi;
		proxy_temp_path $dir/web/proxy;
		scgi_temp_path $dir/web/scgi;
		uwsgi_temp_path $dir/web/uwsgi;
		types { text/html html; text/css css; }
		charset utf-8;
	CONF
	front_print nginx-maps
	cat <<-CONF
		server {
		listen 127.0.0.1:$port;
		root $dir/www;
		index index.php index.html;
	CONF
	front_print nginx
	front_print nginx-check
	front_print nginx-gate
	echo '} }'
}

# fastcgi_params is looked for beside the file.
front_run_nginx() { # FILE
	cp /etc/nginx/fastcgi_params "$dir"
	exec nginx -e "$dir/web/error.log" -c "$1"
}
