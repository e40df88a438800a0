"""boto3's part of a call: it finds credentials, writes and signs requests, and reads refusals.

It does not send them: its way takes a thread for as long as a model speaks, which wakes for each
piece and takes the interpreter from everybody else (docs/decisions/0020).
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.tokens import FrozenAuthToken

from slackbot.errors import ModelRejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.awsrequest import AWSPreparedRequest

    from slackbot.llm.bedrock.wire import Request

OPERATION = "ConverseStream"

USER_AGENT = f"slackbot Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
"""Given, for botocore makes its own up twice for each request, a tenth of what one costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where Bedrock is, and who asks; credentials that are not given come from boto3's own chain.

    The representation keeps the secrets to itself.
    """

    region: str
    profile: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    bearer_token: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What is posted. The representation keeps what authorizes it to itself, and what is asked."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class BedrockClient:
    """Writes and signs requests for an account, and reads refusals. For any thread.

    To make one takes up to 300 ms, and longer where credentials come from the network.

    `address` is where requests go; `certificates` is what servers are trusted by there, if not
    what the system trusts.

    Raises:
        ModelRejected: the address is none, or the file of certificates cannot be read.
        BotoCoreError: what was given makes no client.
    """

    def __init__(self, account: Account) -> None:
        core = botocore.session.Session()
        if account.bearer_token:
            core.register_component("token_provider", _GivenToken(account.bearer_token))
        session = boto3.Session(
            botocore_session=core,
            profile_name=account.profile,
            region_name=account.region,
            aws_access_key_id=account.access_key_id,
            aws_secret_access_key=account.secret_access_key,
            aws_session_token=account.session_token,
        )
        config = Config(
            user_agent=USER_AGENT,
            retries={"total_max_attempts": 1},  # whoever wraps the provider retries
            parameter_validation=False,  # Bedrock does it too, and a large request takes long
            signature_version="bearer" if account.bearer_token else None,
        )
        try:
            self._client = session.client(
                "bedrock-runtime", endpoint_url=account.endpoint_url, config=config
            )
        except ValueError as error:  # botocore's for an address that is none
            raise ModelRejected(str(error)) from error
        keep: Any = self._keep  # the stubs know no handler that returns something
        self._client.meta.events.register(f"before-send.bedrock-runtime.{OPERATION}", keep)
        # Where none are needed none may be found, which takes seconds beyond AWS.
        self._credentials = None if account.bearer_token else session.get_credentials()
        self.address = self._client.meta.endpoint_url
        self.certificates = _certificates(core.get_config_variable("ca_bundle"))
        self._kept = threading.local()

    @property
    def may_wait(self) -> bool:
        """Whether to sign would wait for the network, as credentials run out."""
        credentials = self._credentials
        return isinstance(credentials, RefreshableCredentials) and credentials.refresh_needed()

    def signed(self, request: Request) -> SignedRequest:
        """Return a request to be posted within five minutes.

        Raises:
            BotoCoreError: there are no credentials, or none that may be sent there.
        """
        self._client.converse_stream(**request)
        kept: AWSPreparedRequest = self._kept.request
        # botocore encodes all headers that go out; its stubs know only those that come in.
        headers = cast("Mapping[str, str | bytes]", kept.headers)
        return SignedRequest(
            kept.url,
            {
                name: value.decode() if isinstance(value, bytes) else value
                for name, value in headers.items()
            },
            cast("bytes", kept.body),
        )

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> ClientError:
        """Return what an answer that is no stream says (a status of 300 and more)."""
        service = self._client.meta.service_model
        shape = service.shape_for(f"{OPERATION}Response")
        parser = create_parser(service.resolved_protocol)
        answer = {"status_code": status, "headers": headers, "body": body}
        try:
            said = parser.parse(answer, shape)
        except (ValueError, AttributeError):  # no JSON object: this was not Bedrock
            said = parser.parse({**answer, "body": b""}, shape)
        return ClientError(said, OPERATION)

    def _keep(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Keep what botocore would send, and stand in for an answer ("Botocore Events")."""
        self._kept.request = request
        return AWSResponse(request.url, 200, HTTPHeaders(), None)


def _certificates(bundle: str | None) -> ssl.SSLContext | None:
    """Return what servers are trusted by, where AWS_CA_BUNDLE or the profile names a file."""
    if bundle is None:
        return None
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise ModelRejected(f"the ca_bundle {bundle} cannot be read: {error}") from error


class _GivenToken:
    """A token provider that knows one token: botocore itself looks only in the environment."""

    def __init__(self, token: str) -> None:
        self._token = FrozenAuthToken(token)

    def load_token(self, **_: object) -> FrozenAuthToken:
        """Return the token, whichever service it is for."""
        return self._token
