# SPDX-License-Identifier: GPL-2.0-or-later
"""Limits (max-prefix). Which prefixes have room is a matter of who came first, so wgrd is asked which it refuses for
a limit; whether it may is worked out here. For the oracle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable

OF_PEERS = ("peer-limit", "peer-held")
OF_TENANTS = ("tenant-limit", "tenant-held")

# A prefix that only a limit can refuse: tenant, prefix, and "INTERFACE PEER" of whom it counts for.
Candidate = tuple[str, str, list[str]]


@dataclass
class Limit:
    """How many want room, and how many have it. Without a maximum everybody has."""

    max: int
    hold: int
    wanted: int = 0
    used: int = 0

    def is_exceeded(self) -> bool:
        return bool(self.max) and (self.used > self.max or bool(self.hold and self.used and self.wanted > self.max))

    def may_refuse(self, verdict: str) -> bool:
        """That it was exceeded is enough for a hold, even if it is not any more."""
        if verdict.endswith("-held"):
            return bool(self.max and self.hold) and not self.used
        return bool(self.max) and self.used >= self.max


def refused(routes: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Tenant and prefix to verdict, of what wgrd says it refuses for a limit."""
    return {(r["tenant"], r["prefix"]): r["verdict"] for r in routes
            if r["origin"] == "learned" and r["verdict"] in OF_PEERS + OF_TENANTS}


def violations(candidates: Iterable[Candidate], refusals: dict[tuple[str, str], str],
               peers: dict[str, Limit], tenants: dict[str, Limit]) -> list[str]:
    """As differences: "-" should not be refused, "+" should not be accepted."""
    found, of_candidates = [], list(candidates)
    for tenant, prefix, names in of_candidates:
        verdict = refusals.get((tenant, prefix), "")
        for name in names:
            peers[name].wanted += 1
            peers[name].used += verdict not in OF_PEERS
        # What a peer has no room for is no burden for the tenant.
        tenants[tenant].wanted += verdict not in OF_PEERS
        tenants[tenant].used += not verdict
    for tenant, prefix, names in of_candidates:
        verdict = refusals.get((tenant, prefix), "")
        by = [peers[n] for n in names] if verdict in OF_PEERS else [tenants[tenant]]
        if verdict and not any(limit.may_refuse(verdict) for limit in by):
            found.append(f"- {prefix} {verdict}")
    return found + [f"+ {name} has {limit.used} of {limit.wanted}, at most {limit.max}"
                    for name, limit in [*peers.items(), *tenants.items()] if limit.is_exceeded()]
