"""Certificates for peers on loopback, right and wrong in every way that matters."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@dataclass(frozen=True)
class Certificate:
    """Two files."""

    certificate: Path
    key: Path

    def for_server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Authority:
    """Vouches for whomever it is asked to."""

    def __init__(self, folder: Path, name: str = "test authority") -> None:
        self._folder = folder
        self._name = name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._number = 0
        self.file = folder / f"{name.replace(' ', '-')}.crt"
        signed = self._sign(name, self._key, x509.BasicConstraints(ca=True, path_length=None))
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def certificate(self, host: str = "localhost", *, until: timedelta = DAY) -> Certificate:
        """A certificate for a host; a negative `until` makes one that ended so long ago."""
        self._number += 1
        stem = self._folder / f"{self.file.stem}-{self._number}"
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(host, key, _subject_names(host), until=until)
        made = Certificate(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(_pem_of(key))
        made.key.chmod(0o600)
        return made

    def _sign(
        self, name: str, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType, *, until: timedelta = DAY
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * DAY)
            .not_valid_after(now + until)
            .add_extension(extension, critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())


def _subject_names(host: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(host)])


def self_signed(folder: Path) -> Certificate:
    """What a stranger would show: made out to the right name, with nobody behind it."""
    return Authority(folder, "nobody").certificate()
