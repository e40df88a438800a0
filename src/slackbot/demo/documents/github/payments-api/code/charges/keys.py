"""Idempotency keys of charges and refunds (Decision 17).

A key is made once, when the order is placed, and stored with it. Everything that calls a courier
network sends the stored key; nothing but this file makes one.
"""

import hashlib


def charge_key(order_id: str, amount_cents: int) -> str:
    """Return the key of a charge: the same order and amount always give the same one."""
    return hashlib.sha256(f"{order_id}:{amount_cents}".encode()).hexdigest()[:32]


def refund_key(charge: str, part: int) -> str:
    """Return the key of the n-th refund of a charge, so that two halves are two refunds."""
    return hashlib.sha256(f"refund:{charge}:{part}".encode()).hexdigest()[:32]
