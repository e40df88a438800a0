"""Who works at Parcelwick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Employee:
    """A person. `name` is the handle everywhere; a guest belongs to another firm."""

    name: str
    real_name: str
    title: str
    guest: bool = False


EMPLOYEES: Final = (
    Employee("ana", "Ana Ruiz", "Engineer, Payments team"),
    Employee("ben", "Ben Okafor", "Engineer, Platform team"),
    Employee("chloe", "Chloé Martin", "Support lead"),
    Employee("mei", "Mei Tanaka", "Lead, Database team"),
    Employee("tomasz", "Tomasz Nowak", "Engineer, Tracking team"),
    Employee("lena", "Lena Brandt", "Lead, Warehouse team"),
    Employee("priya", "Priya Nair", "People team"),
    Employee("sam", "Sam Whitfield", "Head of engineering"),
    Employee("dario", "Dario Keller", "Partner manager, Northline Couriers", guest=True),
)
EMPLOYEE: Final = {employee.name: employee for employee in EMPLOYEES}
SEATS: Final = ("ana", "ben", "chloe", "dario")
"""Whom a visitor of the demo can be: three employees and a guest."""
