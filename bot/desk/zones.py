"""The zones that people wait in, as the founding document sets them: business zones guided by a department, expert
seats, and the policy specialists of 一企来."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    code: str
    name: str
    departments: frozenset[str]
    """Department codes whose topics and tickets belong here; empty for zones chosen otherwise."""


ZONES: dict[str, Zone] = {
    zone.code: zone
    for zone in (
        Zone("general", "综合坐席", frozenset()),
        Zone("hrss", "人社专区", frozenset({"hrss"})),
        Zone("tax", "税务专区", frozenset({"tax"})),
        Zone("medical", "医保专区", frozenset({"medical"})),
        Zone("fund", "公积金专区", frozenset({"fund"})),
        Zone("justice", "司法专家坐席", frozenset({"justice"})),
        Zone("yiqilai", "一企来政策专员", frozenset()),
    )
}


def zone_for(department: str | None, audience: str) -> str:
    """The zone for a matter of ``department``; an enterprise goes to the policy specialists."""
    if audience == "enterprise":
        return "yiqilai"
    for zone in ZONES.values():
        if department in zone.departments:
            return zone.code
    return "general"
