"""lighttpd and nginx, each with every contender behind it; Apache with a guard.

lighttpd and nginx know a contender as a Backend: the API below /NAME/, a gate in
front of /gate-NAME/.
"""

import dataclasses
import glob
import os
import shutil

from place import HERE, IS_ROOT, Missing, can_connect, find, free_port, tool

# Idle connections that each of nginx's processes keeps to a backend.
KEPT = 64


@dataclasses.dataclass
class Backend:
    name: str
    socket: str = ""            # of the API
    is_http: bool = False
    authorizer: str = ""        # sockets of the gate, where it can be one
    subrequest: str = ""
    gate_params: tuple = ()     # what tells it that it is asked as a gate
    gate_path: str = ""         # where an HTTP backend is asked as a gate
    script: str = ""            # SCRIPT_FILENAME, for PHP
    kept: int = KEPT


class Web:
    def __init__(self, place, address):
        self.place = place
        self.address = address
        self.www = place.path("www")

    @property
    def pids(self):
        return [self.process.pid]


class Lighttpd(Web):
    name = "lighttpd"
    ways = ("lighttpd",)

    def __init__(self, place, backends, _redis):
        super().__init__(place, ("127.0.0.1", free_port()))
        apis, gates, proxies = [], [], ""
        for b in backends:
            if b.is_http:
                proxies += (f'$HTTP["url"] =~ "^/{b.name}/" {{ proxy.server = '
                            f'( "" => (( "host" => "{b.socket}" )) ) }}\n')
            elif b.socket:
                apis.append(f'"/{b.name}" => (( "socket" => "{b.socket}", '
                            '"check-local" => "disable" ))')
            if b.authorizer:
                gates.append(
                    f'"/gate-{b.name}/" => (( "socket" => "{b.authorizer}", '
                    '"mode" => "authorizer", "check-local" => "disable" ))')
        conf = place.write("lighttpd.conf", f"""
server.modules = ( "mod_fastcgi", "mod_proxy" )
server.document-root = "{self.www}"
server.bind = "{self.address[0]}"
server.port = {self.address[1]}
server.errorlog = "{place.path('lighttpd-error.log')}"
server.upload-dirs = ( "{place.folder}" )
server.max-fds = 8192
server.max-connections = 4096
server.max-keep-alive-requests = 65535
mimetype.assign = ( ".html" => "text/html" )
fastcgi.server = ( {', '.join(gates + apis)} )
{proxies}""")
        self.process = place.start(
            [tool("lighttpd"), "-D", "-f", conf],
            log="lighttpd", is_ready=lambda: can_connect(self.address))


class Apache(Web):
    """Pages, those of PHP among them, and the lines of a guard.

    It has the same processes from beginning to end: the meter counts those
    that are there when a round begins.
    """

    MODULES = "/usr/lib/apache2/modules"
    PROCESSES, THREADS = 2, 64

    def __init__(self, place, name, php, modules, lines):
        super().__init__(place, ("127.0.0.1", free_port()))
        load = "\n".join(map(self._load, (
            "mpm_event", "authz_core", "mime", "proxy", "proxy_fcgi",
            *modules)))
        host, port = self.address
        conf = place.write(name + ".conf", f"""
{load}
ServerName {host}
ServerRoot "{place.folder}"
DefaultRuntimeDir "{place.folder}"
PidFile "{place.path(name + '.pid')}"
ErrorLog "{place.path(name + '-error.log')}"
{"User www-data" if IS_ROOT else ""}
{"Group www-data" if IS_ROOT else ""}
Listen {host}:{port}
ListenBacklog 1024
ServerLimit {self.PROCESSES}
StartServers {self.PROCESSES}
ThreadLimit {self.THREADS}
ThreadsPerChild {self.THREADS}
MaxRequestWorkers {self.PROCESSES * self.THREADS}
MinSpareThreads 1
MaxSpareThreads {self.PROCESSES * self.THREADS}
MaxKeepAliveRequests 0
KeepAliveTimeout 60
DocumentRoot "{self.www}"
<Directory "{self.www}">
  AllowOverride None
  Require all granted
</Directory>
TypesConfig /dev/null
AddType text/html .html
<FilesMatch "\\.php$">
  SetHandler "proxy:unix:{php}|fcgi://localhost"
</FilesMatch>
{lines}
""")
        self.process = place.start(
            [tool("apache2"), "-f", conf, "-DFOREGROUND"], log=name,
            is_ready=lambda: can_connect(self.address))

    def _load(self, name):
        path = f"{self.MODULES}/mod_{name}.so"
        if not os.path.exists(path):
            raise Missing(f"Apache's mod_{name} is not installed")
        return f'LoadModule {name}_module "{path}"'


PARAMS = """
fastcgi_param QUERY_STRING $query_string;
fastcgi_param REQUEST_METHOD $request_method;
fastcgi_param CONTENT_TYPE $content_type;
fastcgi_param CONTENT_LENGTH $content_length;
fastcgi_param SCRIPT_NAME $fastcgi_script_name;
fastcgi_param REQUEST_URI $request_uri;
fastcgi_param DOCUMENT_URI $document_uri;
fastcgi_param DOCUMENT_ROOT $document_root;
fastcgi_param SERVER_PROTOCOL $server_protocol;
fastcgi_param REQUEST_SCHEME $scheme;
fastcgi_param GATEWAY_INTERFACE CGI/1.1;
fastcgi_param SERVER_SOFTWARE nginx/$nginx_version;
fastcgi_param REMOTE_ADDR $remote_addr;
fastcgi_param REMOTE_PORT $remote_port;
fastcgi_param REMOTE_USER $remote_user;
fastcgi_param SERVER_ADDR $server_addr;
fastcgi_param SERVER_PORT $server_port;
fastcgi_param SERVER_NAME $server_name;
fastcgi_param REDIRECT_STATUS 200;
"""


def lua_modules():
    """The lines that load nginx's Lua; Missing names what is not there."""
    lines = ""
    for name in ("ndk_http_module", "ngx_http_lua_module"):
        found = glob.glob(f"/usr/lib*/nginx/**/{name}.so", recursive=True)
        if not found:
            raise Missing("nginx's Lua module (libnginx-mod-http-lua) is not "
                          "installed")
        lines += f"load_module {found[0]};\n"
    if not any(glob.glob(f"/usr/share/lua/5.1/{name}/redis.lua")
               or glob.glob(f"/usr/local/share/lua/5.1/{name}/redis.lua")
               for name in ("nginx", "resty")):
        raise Missing("lua-nginx-redis is not installed")
    if not glob.glob("/usr/lib/*/lua/5.1/cjson.so"):
        raise Missing("lua-cjson is not installed")
    return lines


class Nginx(Web):
    """Two ports: the first asks with a new connection each, the second keeps."""

    name = "nginx"
    ways = ("nginx", "nginx-kept")

    def __init__(self, place, backends, redis, *, has_lua):
        super().__init__(place, ("127.0.0.1", free_port()))
        self.kept_address = ("127.0.0.1", free_port())
        upstreams = "".join(self._upstream(*pair) for b in backends
                            for pair in self._sockets(b))
        servers = "".join(
            self._server(address, backends, redis, is_kept, has_lua)
            for address, is_kept in ((self.address, False),
                                     (self.kept_address, True)))
        temporary = "\n".join(
            f"{kind}_temp_path {place.path('nginx-' + kind)};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # www-data reads it, who may not look into the checkout
        shutil.copy(os.path.join(HERE, "apps", "app.lua"), place.folder)
        conf = place.write("nginx.conf", f"""
{lua_modules() if has_lua else ""}
daemon off;
pid {place.path('nginx.pid')};
error_log {place.path('nginx-error.log')} error;
worker_processes auto;
worker_rlimit_nofile 8192;
{"user www-data;" if IS_ROOT else ""}
events {{ worker_connections 4096; }}
http {{
access_log off;
types {{ text/html html; }}
keepalive_requests 1000000;
root {self.www};
{temporary}
{upstreams}
{servers}
}}
""")
        self.process = place.start(
            [tool("nginx"), "-p", place.folder, "-c", conf],
            log="nginx", is_ready=lambda: can_connect(self.address))

    @staticmethod
    def _sockets(backend):
        """(the upstream's name, its socket, how many kept) of each."""
        found = [(backend.name, backend.socket),
                 ("gate_" + backend.name, backend.subrequest)]
        return [(name, socket, backend.kept) for name, socket in found
                if socket]

    @staticmethod
    def _upstream(name, socket, kept):
        return (f"upstream {name} {{ server unix:{socket}; }}\n"
                f"upstream {name}_kept {{ server unix:{socket}; "
                f"keepalive {kept}; keepalive_requests 1000000; }}\n")

    def _server(self, address, backends, redis, is_kept, has_lua):
        locations = "".join(
            self._api(b, is_kept) + self._gate(b) for b in backends)
        if has_lua:
            script = self.place.path("app.lua")
            locations += f"""
location ^~ /lua/ {{ set $bench_role ""; content_by_lua_file {script}; }}
location ^~ /gate-lua/ {{ set $bench_role gate; access_by_lua_file {script}; }}
"""
        return f"""
server {{
listen {address[0]}:{address[1]} backlog=1024;
set $bench_redis {redis.path};
{locations}
}}
"""

    @staticmethod
    def _pass(backend, upstream, is_kept, path=""):
        name = upstream + ("_kept" if is_kept else "")
        if backend.is_http:
            return (f"proxy_pass http://{name}{path}; proxy_http_version 1.1; "
                    'proxy_set_header Connection "";')
        params = PARAMS
        if backend.script:
            params += f"fastcgi_param SCRIPT_FILENAME {backend.script};"
        keep = "fastcgi_keep_conn on;" if is_kept else ""
        return f"{params} {keep} fastcgi_pass {name};"

    def _api(self, b, is_kept):
        if not b.socket:
            return ""
        return (f"location ^~ /{b.name}/ "
                f"{{ {self._pass(b, b.name, is_kept)} }}\n")

    def _gate(self, b):
        """nginx closes the connection of a sub-request, told to keep it or
        not: it reads only the head of the answer and not its end, after which
        alone it would keep a FastCGI connection."""
        if not b.subrequest:
            return ""
        params = "".join(f"fastcgi_param {n} {v};" for n, v in b.gate_params)
        how = self._pass(b, "gate_" + b.name, False, b.gate_path)
        return f"""
location ^~ /gate-{b.name}/ {{ auth_request /ask-{b.name}; }}
location = /ask-{b.name} {{ internal; {how} {params} }}
"""


def lua_is_missing():
    """Why nginx's Lua cannot be measured; empty: it can."""
    if find("nginx") is None:
        return "nginx is not installed"
    try:
        lua_modules()
    except Missing as why:
        return str(why)
    return ""
