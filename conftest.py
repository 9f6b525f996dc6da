"""Makes the packages `gateway` and `shared` known before pytest meets the folders of the same names."""

import gateway  # noqa: F401
import shared  # noqa: F401
