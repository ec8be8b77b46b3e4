"""When things were seen, as sensors write it; and which of it is recent enough to count."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

MAX_AGE_DAYS: Final = 7
_EPOCH_DIGITS: Final = 12


@dataclass(slots=True, kw_only=True)
class Period:
    """What is recent. A day of grace into the future, because the clocks of sensors differ."""

    today: date
    days: int
    newest: date | None = None
    old: int = 0
    coming: int = 0
    _begin: datetime = field(init=False)
    _end: datetime = field(init=False)

    def __post_init__(self) -> None:
        midnight = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)
        self._begin, self._end = midnight - timedelta(days=self.days), midnight + timedelta(days=2)

    def takes(self, moment: datetime) -> bool:
        """Tell whether it counts; and remember the newest, which is what the data are as of."""
        if moment >= self._end:
            self.coming += 1
            return False
        day = min(moment.date(), self.today)
        if self.newest is None or day > self.newest:
            self.newest = day
        if moment < self._begin:
            self.old += 1
            return False
        return True


def moment(value: object) -> datetime | None:
    """Read seconds since 1970, or ISO 8601 with or without a zone (it is UTC then); None for anything else."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC) if value > 0 else None
        if not isinstance(value, str):
            return None
        if value[:_EPOCH_DIGITS].partition(".")[0].isdecimal() and "-" not in value:
            return datetime.fromtimestamp(float(value), UTC) if float(value) > 0 else None
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
