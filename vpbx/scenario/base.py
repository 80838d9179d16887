"""The base of all models of the language.

Belongs here: what every model keeps. Does not belong here: any key.
"""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Base of all: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
