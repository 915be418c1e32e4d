"""A user pool of our own: its key set on loopback, good tokens, and forged ones."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT = "client-of-the-tests"
KID = "key-of-the-tests"


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def as_json(value) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    whole = lambda number: encode(number.to_bytes((number.bit_length() + 7) // 8))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": whole(numbers.n), "e": whole(numbers.e)}


def rs256(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


class UserPool:
    """Serves its keys until it is closed."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.fetches = 0
        pool = self
        key_set = as_json({"keys": [jwk(self.key, KID)]})

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                pool.fetches += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(key_set)))
                self.end_headers()
                self.wfile.write(key_set)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/pool"
        self.jwks_url = f"{self.issuer}/.well-known/jwks.json"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def header(self, **changes) -> dict:
        return changed({"alg": "RS256", "kid": KID, "typ": "JWT"}, changes)

    def claims(self, **changes) -> dict:
        now = int(time.time())
        claims = {
            "sub": "alice",
            "iss": self.issuer,
            "aud": CLIENT,
            "token_use": "id",
            "auth_time": now,
            "iat": now,
            "exp": now + 3600,
            "email": "alice@example.com",
            "cognito:groups": ["admin"],
        }
        return changed(claims, changes)

    def token(self, header: dict | None = None, claims: dict | None = None, key: rsa.RSAPrivateKey | None = None) -> str:
        message = f"{encode(as_json(header or self.header()))}.{encode(as_json(claims or self.claims()))}"
        return f"{message}.{encode(rs256(key or self.key, message.encode()))}"

    def forgeries(self) -> list[tuple[str, str]]:
        """What an attack does, and its token."""
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        der = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        modulus = self.key.public_key().public_numbers().n.to_bytes(256)
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        good = self.token()
        header, claims, signature = good.split(".")
        now = int(time.time())
        found = []

        for alg in ["none", "None", "NONE", ""]:
            part = encode(as_json(self.header(alg=alg)))
            found.append((f"alg {alg!r} without a signature", f"{part}.{claims}."))
            found.append((f"alg {alg!r} with the signature", f"{part}.{claims}.{signature}"))
        for alg, digest in [("HS256", hashlib.sha256), ("HS384", hashlib.sha384), ("RS256", hashlib.sha256)]:
            message = f"{encode(as_json(self.header(alg=alg)))}.{claims}"
            for form, secret in [("PEM", pem), ("DER", der), ("modulus", modulus), ("JWK", as_json(jwk(self.key, KID)))]:
                mac = hmac.new(secret, message.encode(), digest).digest()
                found.append((f"alg {alg}, HMAC with the public key as {form}", f"{message}.{encode(mac)}"))
        for alg in ["RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", None, ["RS256"], 256, ...]:
            found.append((f"alg {alg!r} over an RS256 signature", self.token(self.header(alg=alg))))

        wrong = {
            "iss": ["https://evil.example", self.issuer + "/", "", None, [self.issuer], 1],
            "aud": ["another", CLIENT.upper(), CLIENT + "x", "", None, [CLIENT], {CLIENT: True}, 1],
            "token_use": ["access", "refresh", "ID", "", None, ["id"], True],
            "exp": [0, 1, now - 1, -1, "9999999999", 1e30, 2**64, None, True, [now + 3600]],
            "nbf": [now + 3600, 2**63 - 1, 2**64, "0", [0]],
            "sub": ["", None, 1, ["alice"]],
            "cognito:groups": ["admin", {"admin": True}, [["admin"]], 1],
        }
        for claim, values in wrong.items():
            missing = [...] if claim not in ("nbf", "cognito:groups") else []
            for value in values + missing:
                shown = "missing" if value is ... else repr(value)
                found.append((f"{claim} {shown:.60}", self.token(claims=self.claims(**{claim: value}))))

        for kid in ["unknown", "", "../../../dev/null", "' OR 1=1 --", KID + " ", "k" * 5000, None, 1, [KID], ...]:
            shown = "missing" if kid is ... else repr(kid)
            found.append((f"kid {shown:.60}", self.token(self.header(kid=kid))))
        for crit in [["exp"], ["b64"], [], "b64", None]:
            found.append((f"crit {crit!r}", self.token(self.header(crit=crit, b64=False))))

        own = jwk(stranger, "own")
        found += [
            ("a stranger's key under our kid", self.token(key=stranger)),
            ("a stranger's key, embedded", self.token(self.header(jwk=own), key=stranger)),
            ("a stranger's key, embedded, with its kid", self.token(self.header(kid="own", jwk=own), key=stranger)),
            ("a stranger's key by jku", self.token(self.header(jku="https://evil.example/jwks.json"), key=stranger)),
            ("a stranger's key by x5u", self.token(self.header(x5u="https://evil.example/cert.pem"), key=stranger)),
            ("a stranger's key by x5c", self.token(self.header(x5c=["MIIB"]), key=stranger)),
        ]

        admin = encode(as_json(self.claims(sub="root")))
        found += [
            ("other claims under the signature", f"{header}.{admin}.{signature}"),
            ("another header over the signature", f"{encode(as_json(self.header(typ='at+jwt')))}.{claims}.{signature}"),
            ("a changed signature", f"{header}.{claims}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"),
            ("no signature", f"{header}.{claims}."),
            ("a zero signature", f"{header}.{claims}.{encode(bytes(256))}"),
            ("an empty header", f".{claims}.{signature}"),
            ("empty claims", f"{header}..{signature}"),
            ("two parts", f"{header}.{claims}"),
            ("one part", header),
            ("four parts", f"{good}.{signature}"),
            ("five parts, as in JWE", f"{good}.{claims}.{signature}"),
            ("dots", ".."),
            ("a short signature", good[:-4]),
            ("half a token", good[: len(good) // 2]),
            ("padding", f"{header}=.{claims}.{signature}"),
            ("not base64", "!!!.???.***"),
            ("a word", "undefined"),
            ("10 kB of nothing", "a" * 10_000),
            ("10 kB of dots", "." * 10_000),
            ("10 kB, signed", self.token(claims=self.claims(name="x" * 10_000))),
            ("not ASCII", f"{good}é"),
        ]
        for what, raw in [
            ("null", b"null"),
            ("a list", b"[]"),
            ("a number too large", b"1e400"),
            ("nothing", b""),
            ("half of it", b'{"sub":'),
            ("2,000 brackets", b"[" * 2000 + b"]" * 2000),
            ("not UTF-8", b'{"sub":"\xff"}'),
            ("a lone surrogate", rb'{"alg":"RS256","kid":"\ud800","sub":"\ud800"}'),
        ]:
            for part, message in [
                ("header", f"{encode(raw)}.{claims}"),
                ("claims", f"{header}.{encode(raw)}"),
            ]:
                token = f"{message}.{encode(rs256(self.key, message.encode()))}"
                found.append((f"{part} that is {what}, signed", token))
        twice = as_json(self.claims())[:-1] + b',"sub":"root"}'
        message = f"{header}.{encode(twice)}"
        found.append(("sub given twice, signed", f"{message}.{encode(rs256(self.key, message.encode()))}"))
        return found


def changed(fields: dict, changes: dict) -> dict:
    """`fields` with `changes`; `...` takes a field away."""
    return {name: value for name, value in (fields | changes).items() if value is not ...}
