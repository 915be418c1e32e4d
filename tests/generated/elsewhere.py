"""The project's own tests, with a DynamoDB behind them that is not theirs.

Every request of the tests passes through the stand-in of the project's `local`. Here that asks another server, which is
to keep apart what is signed with different keys, as DynamoDB Local does: each test has a key, and so a database, of its
own.
"""

from pathlib import Path

from bootstraps import grown, replace_once
from checks import LEAN, TEST, timed
from projects import target_folder

NAME = "tested-elsewhere"

URL = "DYNAMODB_URL"

EDITS = [
    ("    upstream: Uri,\n", "    upstream: Uri,\n    key: String,\n"),
    (
        "        let listener = TcpListener::bind",
        """\
        static STARTED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let listener = TcpListener::bind""",
    ),
    ("        let upstream = format!(\"http://{}/\", listener.local_addr()?);\n", ""),
    (
        "            upstream: upstream.parse().map_err(io::Error::other)?,\n",
        f"""\
            upstream: std::env::var("{URL}").unwrap().parse().map_err(io::Error::other)?,
            key: format!("process{{}}test{{number}}", std::process::id()),
""",
    ),
    (
        "    *request.uri_mut() = dynamodb.upstream;\n",
        """\
    let scope = format!("{}/20260101/us-east-1/dynamodb/aws4_request", dynamodb.key);
    let signed = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    request.headers_mut().insert("authorization", signed.parse().unwrap());
    *request.uri_mut() = dynamodb.upstream;
""",
    ),
]


def edit(project: Path) -> None:
    for old, new in EDITS:
        replace_once(project / "local/src/dynamodb.rs", old, new)


def prove_own_tests(tool: Path, url: str) -> None:
    project = grown(tool, NAME, edit)
    env = LEAN | {"CARGO_TARGET_DIR": str(target_folder("target/generated")), URL: url}
    timed([*TEST, "--test", "api"], project, env)
