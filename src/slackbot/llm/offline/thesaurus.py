"""Words of offices and of software that mean the same. Pure.

A general list: what people in any company that makes software say for one another. It knows nothing
of a particular company, and is not fitted to particular questions or documents. A hyphen stands
where people write two words, one, or a hyphen.
"""

from __future__ import annotations

from functools import cache

from slackbot.llm.offline.words import joined, parts_of

# One group a line: the people's side of work first, then money and goods, then software.
_GROUPS = """\
vacation holiday pto time-off
salary wage
boss manager supervisor
colleague coworker teammate
employee staff personnel
approve authorise authorize sign-off
allow permit
reject refuse decline deny turn-down
choose pick select
policy rule guideline
manual guide handbook
runbook playbook procedure
cause reason
deputy backup substitute stand-in
swap exchange
baby child newborn
ill sick
evening night
weekend saturday sunday
mail email
phone telephone mobile
sms text-message
meeting appointment
customer client
supplier vendor
buy purchase acquire
invoice bill
refund reimburse money-back
cost price expense
bookkeeping accounting ledger
limit cap maximum ceiling
parcel package shipment
courier carrier
recipient addressee receiver
sticker label
slot window
incident outage downtime
alert alarm
bug defect
broken faulty defective
fix repair mend
freeze hang stall standstill
vanish disappear
delete remove erase purge
revoke withdraw
start launch begin
wake awake
asleep sleep
release deploy ship roll-out
release version revision
revert roll-back undo restore
flag toggle switch
primary master
replica standby secondary
database db
postgresql postgres
disk volume storage
laptop computer pc
robot bot
login logon signin
on-call responder
staging test-system test-environment
configuration config settings
url link address
""".splitlines()


def synonyms(name: str) -> tuple[str, ...]:
    """Return other words for the same, given the stem of a word or of what is written as one."""
    return tuple(other for group in _groups() if name in group for other in group.values())


def name_of(word: str) -> str:
    """Return the stem of a word; a compound's is that of its parts, written as one."""
    return joined(parts_of(word))


@cache
def _groups() -> tuple[dict[str, str], ...]:
    return tuple({name_of(word): word for word in line.split()} for line in _GROUPS)
