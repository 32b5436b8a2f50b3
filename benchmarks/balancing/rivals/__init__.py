"""The rival load balancers as controllers of the closed loop, written anew from notes on how they work.

They are the laws without their surroundings: one charger, one car, no tariff, no solar mode. Each gets the meter that
it really reads. Names and order are those of the results table.
"""

from collections.abc import Callable
from functools import partial

from benchmarks.balancing.rivals.cryptotomte import Cryptotomte
from benchmarks.balancing.rivals.emulate import Emulate
from benchmarks.balancing.rivals.evcc import Evcc
from benchmarks.balancing.rivals.evse_load_balancer import EvseLoadBalancer
from benchmarks.balancing.rivals.feed_forward import FeedForward
from benchmarks.balancing.rivals.fixed import Fixed
from benchmarks.balancing.rivals.open_evse import OpenEvse
from benchmarks.balancing.rivals.openwb import OpenWb
from benchmarks.balancing.rivals.rival import MINIMUM
from benchmarks.balancing.rivals.seed import Blueprint, Seed
from benchmarks.balancing.rivals.smart_evse import SmartEvse
from benchmarks.balancing.rivals.warp import Warp
from bridge.simulator.closed_loop.controller import Controller, Site

RIVALS: dict[str, Callable[[Site], Controller]] = {
    "uncontrolled": Fixed,
    "easee_load_balancing blueprint": Blueprint,
    "ev_load_balancing": Seed,
    "hass-evse-load-balancer, optimised": partial(EvseLoadBalancer, is_optimised=True),
    "hass-evse-load-balancer, conservative": partial(EvseLoadBalancer, is_optimised=False),
    "evcc, 30 s": partial(Evcc, interval=30.0),
    "evcc, 10 s": partial(Evcc, interval=10.0),
    "SmartEVSE, smart": SmartEvse,
    "openWB, 10 s": OpenWb,
    "cryptotomte": Cryptotomte,
    "WARP": Warp,
    "Emulate, as described": Emulate,
    "OpenEVSE shaper": OpenEvse,
    "fixed 6 A": partial(Fixed, limit=MINIMUM),
    "feed-forward, no margin": partial(FeedForward, margin=0.0),
    "feed-forward, 1 A margin": partial(FeedForward, margin=1.0),
}
"""A fresh controller for a site, by the name that the table shows."""
