"""Pays the courier networks each night, one message of the queue `settlement` at a time.

A message is money: it is paid, or it is parked for a human. It is never dropped, and the queue is
never purged.
"""

import structlog

from ledger import Ledger
from settlement.bank import Bank, BankUnavailable
from settlement.queue import Message, Queue

log = structlog.get_logger()

ATTEMPTS = 5
"""How often a message is tried before it is parked. Parked messages are kept for 14 days."""


class InvalidAccount(ValueError):
    """An account number that no bank would take."""


def clean_iban(text: str) -> str:
    """Take out blanks, as people paste them, and check the two check digits (PAY-331)."""
    iban = "".join(text.split()).upper()
    if not iban.isalnum():
        raise InvalidAccount(f"{text!r} has characters that an IBAN must not have")
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % 97 != 1:
        raise InvalidAccount(f"{text!r} has wrong check digits")
    return iban


async def settle(message: Message, bank: Bank, ledger: Ledger) -> None:
    """Pay one night of one courier network, once: the bank knows the message's id."""
    iban = clean_iban(message.account)
    await bank.transfer(iban, message.amount_cents, reference=message.id)
    await ledger.book_settlement(message.id, message.partner, message.amount_cents)


async def work(queue: Queue, bank: Bank, ledger: Ledger) -> None:
    """Take messages until the queue is closed."""
    async for message in queue:
        try:
            await settle(message, bank, ledger)
        except (BankUnavailable, InvalidAccount) as problem:
            log.warning("settlement.failed", partner=message.partner, attempt=message.attempt)
            if message.attempt >= ATTEMPTS:
                await queue.park(message, reason=str(problem))  # pages on call at 07:00
            else:
                await queue.retry(message)
        else:
            await queue.done(message)
