# SPDX-License-Identifier: Apache-2.0
"""Certificates, made by openssl when first asked for: a certificate authority and what it signs, well and badly."""
import pathlib
import ssl
import subprocess


class Authority:
    """A certificate authority in a directory; certificate(...) gives (certificate, key) files."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = self.directory / "ca.pem", self.directory / "ca.key"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=fake authority",
                     "-days", "30", "-keyout", self.key, "-out", self.certificate)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=self.directory)

    def issue(self, name, hosts="DNS:localhost,IP:127.0.0.1", days=30, signed=True):
        """A certificate for the hosts, expired if days < 0, self-signed if not signed."""
        key, request, out = (self.directory / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extension = self.directory / f"{name}.ext"
        extension.write_text(f"subjectAltName={hosts}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        signer = ["-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial"] if signed else ["-signkey", key]
        self.openssl("x509", "-req", "-in", request, *signer, "-days", days, "-extfile", extension, "-out", out)
        return out, key

    def context(self, name="server", oldest=False, alpn=("http/1.1",), **options):
        """A server's TLS context; oldest: speaks TLS 1.0 alone."""
        certificate, key = self.issue(name, **options)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if oldest:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(list(alpn))
        return context
