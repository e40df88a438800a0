"""Where an Atlassian site answers, and how to sign in there: Confluence and Jira have it in common.

    Cloud, API token                the site             Basic, e-mail address and token
    Cloud, API token with scopes    Atlassian's gateway  the same; Bearer without an address
    Data Center, personal token     the site             Bearer

The gateway knows a site by its cloud id, which the site tells anybody.
Sources: Atlassian Support, "Manage API tokens for your Atlassian account"; Atlassian Data Center,
"Using personal access tokens".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from slackbot.errors import SourceNotFound, SourceUnavailable
from slackbot.resilience.http import Credentials, SourceClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slackbot.resilience.breaker import CircuitBreaker
    from slackbot.resilience.http import Timeouts
    from slackbot.resilience.retry import Retrier

GATEWAY: Final = "https://api.atlassian.com"
CLOUD_DOMAIN: Final = ".atlassian.net"

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who signs in. `scoped` says that the token has scopes, which its look does not tell."""

    token: str = field(repr=False)
    email: str | None = None
    scoped: bool = False

    @property
    def credentials(self) -> Credentials:
        """The token in the scheme that goes with it."""
        if self.email:
            return Credentials.basic(self.email, self.token)
        return Credentials.bearer(self.token)

    def is_of_cloud(self, site: str) -> bool:
        """Whether the site is Atlassian's own: who has an e-mail address there is in the cloud."""
        host = urlsplit(site).hostname or ""
        return bool(self.email) or self.scoped or host.endswith(CLOUD_DOMAIN)


class Tenant(BaseModel):
    """What a site of the cloud tells of itself."""

    cloud_id: str = Field(alias="cloudId", pattern=r"^[A-Za-z0-9-]{1,64}$")


class AtlassianClient:
    """Reads JSON from one product of one site, wherever the account has to ask for it.

    `site` is the address by which people know the site. `gateway` is there for tests.
    """

    def __init__(
        self,
        product: Literal["Confluence", "Jira"],
        site: str,
        account: Account,
        *,
        timeouts: Timeouts | None = None,
        retrier: Retrier | None = None,
        gateway: str = GATEWAY,
    ) -> None:
        self._product = product
        self._account = account
        self._timeouts = timeouts
        self._retrier = retrier
        self._gateway = gateway
        self._site = self._client(site, None if account.scoped else account.credentials)
        self._api = None if account.scoped else self._site
        self._finding = asyncio.Lock()

    @property
    def site(self) -> str:
        """The address of the site, without a slash at its end."""
        return self._site.base_url

    async def get(
        self, path: str, answer: type[Answer], params: Mapping[str, str | int] | None = None
    ) -> Answer:
        """Return the JSON at a path of the API; errors are those of `SourceClient.get`."""
        return await (await self._found()).get(path, answer, params)

    @property
    def breaker(self) -> CircuitBreaker:
        """What says whether the API is up, or the site as long as the API was not found."""
        return (self._api or self._site).breaker

    async def aclose(self) -> None:
        """Close the connections."""
        await self._site.aclose()
        if self._api is not None:
            await self._api.aclose()

    async def _found(self) -> SourceClient:
        """Return the client of the API; behind the gateway, ask for the site's cloud id first."""
        async with self._finding:
            if self._api is None:
                tenant = await self._tenant()
                api = f"{self._gateway}/ex/{self._product.lower()}/{tenant.cloud_id}"
                self._api = self._client(api, self._account.credentials)
            return self._api

    async def _tenant(self) -> Tenant:
        try:
            return await self._site.get("/_edge/tenant_info", Tenant)
        except SourceNotFound as error:
            raise SourceUnavailable(f"{self._product}: the site tells no cloud id") from error

    def _client(self, address: str, credentials: Credentials | None) -> SourceClient:
        return SourceClient(
            self._product, address, credentials, timeouts=self._timeouts, retrier=self._retrier
        )
