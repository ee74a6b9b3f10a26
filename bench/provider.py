"""A small OpenID Connect provider: an HTTP service on loopback.

Discovery, authorization code flow with PKCE, token and keys; ID tokens are
signed with RS256.  It has one client.  Its users are logged in already: each
authorization request is granted to the next one.
"""

import base64
import hashlib
import http.server
import itertools
import json
import secrets
import threading
import time
import urllib.parse

from place import Missing

CLIENT, SECRET, KEY_ID = "bench", "bench-secret", "1"
LIFE_S = 86400          # of an ID token


def encode(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def encode_json(value):
    return encode(json.dumps(value, separators=(",", ":")).encode())


class Key:
    """An RSA key that signs tokens."""

    def __init__(self):
        try:
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.asymmetric import padding, rsa
        except ImportError as why:
            raise Missing("python3-cryptography is not installed") from why
        self.key = rsa.generate_private_key(65537, 2048)
        self.how = padding.PKCS1v15(), hashes.SHA256()

    def jwk(self):
        public = self.key.public_key().public_numbers()
        number = lambda n: encode(n.to_bytes((n.bit_length() + 7) // 8, "big"))
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
                "n": number(public.n), "e": number(public.e)}

    def token(self, claims):
        head = encode_json({"alg": "RS256", "typ": "JWT", "kid": KEY_ID})
        text = f"{head}.{encode_json(claims)}"
        return f"{text}.{encode(self.key.sign(text.encode(), *self.how))}"


class Provider:
    """Serves from its making to the end of the program."""

    def __init__(self):
        self.key = Key()
        self.users = itertools.count(1)
        self.grants = {}        # by code, each for one use
        handler = type("Bound", (Handler,), {"provider": self})
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(
            target=self.server.serve_forever, daemon=True).start()

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"]}

    def keys(self):
        return {"keys": [self.key.jwk()]}

    def authorize(self, query):
        """Where to send the browser back to; None: a request it refuses."""
        if (query.get("client_id") != CLIENT
                or query.get("response_type") != "code"
                or query.get("code_challenge_method", "S256") != "S256"):
            return None
        code = secrets.token_urlsafe(24)
        self.grants[code] = dict(query, user=next(self.users))
        return query["redirect_uri"] + "?" + urllib.parse.urlencode(
            {"code": code, "state": query.get("state", "")})

    def exchange(self, form):
        """The tokens for a code; None: a request it refuses."""
        grant = self.grants.pop(form.get("code"), None)
        if (grant is None or form.get("grant_type") != "authorization_code"
                or form.get("redirect_uri") != grant["redirect_uri"]):
            return None
        proof = hashlib.sha256(form.get("code_verifier", "").encode())
        if grant.get("code_challenge") not in (None, encode(proof.digest())):
            return None
        now, name = int(time.time()), f"user{grant['user']}"
        claims = {"iss": self.issuer, "sub": name, "aud": CLIENT, "iat": now,
                  "exp": now + LIFE_S, "nonce": grant.get("nonce"),
                  "name": f"User Number {grant['user']}",
                  "email": name + "@example.org"}
        return {"access_token": secrets.token_urlsafe(32),
                "token_type": "Bearer", "expires_in": LIFE_S,
                "id_token": self.key.token(claims)}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    provider = None

    def log_message(self, *_words):
        pass

    def answer(self, status, value=None, **headers):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json",
                           "Cache-Control": "no-store",
                           "Content-Length": str(len(body)),
                           **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/.well-known/openid-configuration":
            self.answer(200, self.provider.discovery())
        elif url.path == "/keys":
            self.answer(200, self.provider.keys())
        elif url.path == "/authorize":
            back = self.provider.authorize(
                dict(urllib.parse.parse_qsl(url.query)))
            if back is None:
                self.answer(400, {"error": "invalid_request"})
            else:
                self.answer(302, Location=back)
        else:
            self.answer(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if self.path != "/token":
            self.answer(404)
        elif self.headers.get("Authorization") != "Basic " + pair:
            self.answer(401, {"error": "invalid_client"})
        else:
            tokens = self.provider.exchange(
                dict(urllib.parse.parse_qsl(body.decode())))
            self.answer(200 if tokens else 400,
                        tokens or {"error": "invalid_grant"})
