"""A rating as answers show it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class RatingShown(BaseModel):
    """What the customer thinks of the move."""

    rating: int
    text: str
    rated_by: Literal["customer", "guest"]
    created_at: datetime
