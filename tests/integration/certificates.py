"""Authorities and certificates, made by openssl for one run of the tests.

SESSGATE_TEST_REDIS_TLS=1 puts every Redis of the run behind TLS: its url is
rediss://, and the program takes the run's authority for the system's store.
"""

import atexit
import functools
import os
import shutil
import subprocess

import process

OVER_TLS = os.environ.get("SESSGATE_TEST_REDIS_TLS") == "1"


def openssl(*words):
    subprocess.run([process.tool("openssl"), *words], check=True,
                   capture_output=True, timeout=30)


class Certificate:
    """A certificate and its key, as files that every user may read."""

    def __init__(self, folder, name):
        self.cert = os.path.join(folder, f"{name}.pem")
        self.key = os.path.join(folder, f"{name}.key")


class Authority:
    """A certificate that signs others."""

    def __init__(self, folder, name="authority"):
        self.folder, self.count = folder, 0
        self.own = Certificate(folder, name)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "300",
                "-subj", f"/CN={name}", "-keyout", self.own.key,
                "-out", self.own.cert)

    @property
    def ca(self):
        return self.own.cert

    def issue(self, *names, days=300):
        """For names as DNS:localhost, IP:127.0.0.1; days=-1: expired."""
        self.count += 1
        made = Certificate(self.folder, f"c{self.count}")
        request = os.path.join(self.folder, f"c{self.count}.csr")
        extension = os.path.join(self.folder, f"c{self.count}.ext")
        with open(extension, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={','.join(names)}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-subj", "/CN=sessgate-test", "-keyout", made.key,
                "-out", request)
        words = ["x509", "-req", "-in", request, "-CA", self.own.cert,
                 "-CAkey", self.own.key, "-CAcreateserial",
                 "-extfile", extension, "-out", made.cert]
        try:
            openssl(*words, "-days", str(days))
        except subprocess.CalledProcessError:  # OpenSSL 3.5 wants an order
            openssl(*words, "-not_before", "20200101000000Z",
                    "-not_after", "20210101000000Z")
        os.chmod(made.key, 0o644)
        return made


@functools.cache
def shared():
    """(authority, certificate of this machine, clients need none)."""
    folder = process.short_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    authority = Authority(folder)
    return authority, authority.issue("DNS:localhost", "IP:127.0.0.1"), False


def of_the_run():
    """What every Redis of the run has; None: no TLS."""
    return shared() if OVER_TLS else None
