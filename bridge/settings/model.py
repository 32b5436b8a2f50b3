"""All settings in one value, merged and validated by pydantic-settings."""

from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bridge.core.model import Installation
from bridge.settings.sections import Balancing, Charger, Log, Mains, Mqtt

ENVIRONMENT: Final = "EV_LOAD_BRIDGE__"
"""Start of the environment variables that set keys."""
BLIND_CURRENT = 6
"""Fallback current where the owner names none and the fuse is large enough, A."""
LARGE_FUSE = 25.0
"""From this rating on the house is taken to leave BLIND_CURRENT free, A."""


class Document(BaseSettings):
    """What may stand in settings.toml."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix=ENVIRONMENT,
        env_nested_delimiter="__",
        case_sensitive=True,  # else [Mains] in the file would do as well
        enable_decoding=False,  # our sources hand over values, not JSON
    )

    mains: Mains = Field(description="the table [mains]")
    charger: Charger = Field(description="the table [charger]")
    balancing: Balancing = Balancing()
    mqtt: Mqtt = Mqtt()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # the library gives the others by name
        cls, *_: object, init_settings: PydanticBaseSettingsSource, **_others: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the `sources` that the caller has opened, highest first; without any, take the tables that it gives."""
        sources: tuple[PydanticBaseSettingsSource, ...] = init_settings().get("sources", (init_settings,))
        return sources


class Settings(Document):
    """Everything that is set. Immutable; a change needs a restart."""

    warnings: tuple[str, ...] = ()
    """What the owner should know though it is allowed, one line each."""
    path: Path | None = None
    """The file it came from."""

    def installation(self) -> Installation:
        """Describe the house to the engine. A maximum above the fuse is brought down to it."""
        mains, charger = self.mains, self.charger
        return Installation(
            fuse=mains.fuse,
            maximum=min(charger.max_current, int(mains.fuse)),
            phases=charger.phases,
            protection=mains.protection,
            margin=mains.margin,
            minimum=charger.minimum_current,
            fallback=self.fallback_current,
            time_to_live=charger.time_to_live,
            on_lapse=charger.easee.on_lapse,
            pace=self.balancing.pace,
            telegram_max_age=mains.telegram_max_age,
            dry_run=self.balancing.dry_run,
        )

    @property
    def fallback_current(self) -> int:
        """Tolerable while blind, A. Where the owner does not say: 6 from 25 A up, else 0."""
        declared = self.charger.fallback_current
        if declared is not None:
            return declared
        is_enough = self.charger.minimum_current <= BLIND_CURRENT
        return BLIND_CURRENT if is_enough and self.mains.fuse >= LARGE_FUSE else 0
