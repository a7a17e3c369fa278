"""The laws about reminders, by their code. Figures (rates, tiers, days) come from the caller, none stands here."""

from .base import DURABLE_CHANNELS, FirstReminder, Law, MissingFigureError, NewCharge, Regime
from .belgium import BelgianBusiness, BelgianConsumer, BelgianPublic
from .france import FrenchBusiness, FrenchConsumer
from .luxembourg import LuxembourgBusiness, LuxembourgConsumer
from .netherlands import DutchBusiness, DutchConsumer

REGIMES: dict[str, Regime] = {
    regime.code: regime
    for regime in (
        BelgianConsumer(),
        BelgianBusiness(),
        BelgianPublic(),
        DutchConsumer(),
        DutchBusiness(),
        FrenchConsumer(),
        FrenchBusiness(),
        LuxembourgConsumer(),
        LuxembourgBusiness(),
    )
}

__all__ = ["DURABLE_CHANNELS", "REGIMES", "FirstReminder", "Law", "MissingFigureError", "NewCharge", "Regime"]
