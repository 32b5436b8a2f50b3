"""The sensor tables of the Slimmelezer's firmware variants, in the order in which each publishes a telegram."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bridge.simulator.esphome_device import SensorSpec

PerPhaseOrNone = Sequence[float | None]
"""L1 to L3; None where the meter does not mention the phase."""

W_IN_KW = 1000.0


class Variant(NamedTuple):
    """One firmware: its node name, its sensors, and how it names and scales what it knows of a phase."""

    node_name: str
    sensors: tuple[SensorSpec, ...]
    current: str
    consumed: str
    produced: str
    voltage: str
    power_unit: str
    has_old_api: bool = False
    """Firmware up to 2025.2: one write per state, object ids on the wire."""


def burst_values(
    variant: Variant, metered_amperes: PerPhaseOrNone, power_w_signed: PerPhaseOrNone, volts: PerPhaseOrNone
) -> dict[str, float | None]:
    """Return one telegram for EsphomeDevice.publish, by object id and in the variant's units.

    Amperes are magnitudes as the meter shows them; power is import + / export − in W. What is None is left out.
    """
    scale = W_IN_KW if variant.power_unit == "kW" else 1.0
    values: dict[str, float | None] = {}
    for place in range(3):
        number = place + 1
        if (current := metered_amperes[place]) is not None:
            values[variant.current.format(number)] = current
        if (power := power_w_signed[place]) is not None:
            values[variant.consumed.format(number)] = max(power, 0.0) / scale
            values[variant.produced.format(number)] = max(-power, 0.0) / scale
        if (voltage := volts[place]) is not None:
            values[variant.voltage.format(number)] = voltage
    powers = [power for power in power_w_signed if power is not None]
    values |= _totals(variant, sum(powers) / scale)
    return values


def _totals(variant: Variant, power: float) -> Mapping[str, float]:
    imported, exported = max(power, 0.0), max(-power, 0.0)
    totals = {
        "power_consumed": imported,
        "power_produced": exported,
        "power_delivered": imported,
        "power_returned": exported,
    }
    known = {sensor.object_id for sensor in variant.sensors}
    return {name: value for name, value in totals.items() if name in known}


def _humanised(power_unit: str, *, more: Sequence[SensorSpec] = ()) -> tuple[SensorSpec, ...]:
    """Name the sensors as since June 2021: energies and totals first, then voltages, currents, powers per phase."""
    return (
        SensorSpec("Energy Consumed Tariff 1", "kWh"),
        SensorSpec("Energy Consumed Tariff 2", "kWh"),
        SensorSpec("Energy Produced Tariff 1", "kWh"),
        SensorSpec("Energy Produced Tariff 2", "kWh"),
        SensorSpec("Power Consumed", power_unit),
        SensorSpec("Power Produced", power_unit),
        *(SensorSpec(f"Voltage Phase {n}", "V") for n in (1, 2, 3)),
        *(SensorSpec(f"Current Phase {n}", "A") for n in (1, 2, 3)),
        *(SensorSpec(f"Power Consumed Phase {n}", power_unit) for n in (1, 2, 3)),
        *(SensorSpec(f"Power Produced Phase {n}", power_unit) for n in (1, 2, 3)),
        *more,
        SensorSpec("Wi-Fi Signal", "dBm"),
        SensorSpec("DSMR Version", text="50"),
    )


_HUMANISED_NAMES = (
    "current_phase_{}",
    "power_consumed_phase_{}",
    "power_produced_phase_{}",
    "voltage_phase_{}",
)

CLASSIC = Variant("slimmelezer", _humanised("kW"), *_HUMANISED_NAMES, "kW")
PLUS = Variant("sl32plus", _humanised("kW"), *_HUMANISED_NAMES, "kW")

_TOGETHER_WITH_ESP32_C3 = (SensorSpec("Current Average Demand", "kW"), SensorSpec("Uptime", "s"))
MINI = Variant("slimmelezer-mini", _humanised("W", more=_TOGETHER_WITH_ESP32_C3), *_HUMANISED_NAMES, "W")
PRO = Variant("slimmelezer-pro", _humanised("W", more=_TOGETHER_WITH_ESP32_C3), *_HUMANISED_NAMES, "W")

BELGIAN = Variant(
    "slimmelezer-be",
    _humanised(
        "kW",
        more=(
            SensorSpec("Water Consumed", "m³"),
            SensorSpec("Electricity Peak Current Month", "kWh"),
            SensorSpec("DSMR Version Belgium", text="50217"),
        ),
    ),
    *_HUMANISED_NAMES,
    "kW",
)

OF_2021 = Variant(
    "slimmelezer",
    (
        SensorSpec("power_delivered", "kW"),
        SensorSpec("power_returned", "kW"),
        *(SensorSpec(f"voltage_l{n}", "V") for n in (1, 2, 3)),
        *(SensorSpec(f"current_l{n}", "A") for n in (1, 2, 3)),
        *(SensorSpec(f"power_delivered_l{n}", "kW") for n in (1, 2, 3)),
        *(SensorSpec(f"power_returned_l{n}", "kW") for n in (1, 2, 3)),
    ),
    "current_l{}",
    "power_delivered_l{}",
    "power_returned_l{}",
    "voltage_l{}",
    "kW",
    has_old_api=True,
)

VARIANTS = {"2021": OF_2021, "classic": CLASSIC, "plus": PLUS, "mini": MINI, "pro": PRO, "belgian": BELGIAN}
