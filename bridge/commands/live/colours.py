"""The colours of the live view. Shapes tell the same where there are no colours."""

from typing import Final

HOUSE: Final = "#5c8df6"
CAR: Final = "#3fc28b"
OVER: Final = "#ff5d5d"
FUSE: Final = "#f5a742"
FUSE_LINE: Final = "#7d5c2e"
TRACK: Final = "#3c4250"
QUIET: Final = "grey50"
LOWERED: Final = "#f5a742"
RAISED: Final = CAR
