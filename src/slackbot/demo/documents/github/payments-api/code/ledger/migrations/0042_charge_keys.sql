-- Stores the idempotency key of a charge, so that the ledger refuses a second booking under it.
-- Decision 17, payments-api#244. Forward only: after this, switch payments.stored-key off instead
-- of rolling back.
--
-- Runs outside of a transaction, because CONCURRENTLY demands it.
-- Measured on a copy of production: 6 min 20 s for 310 million rows, without blocking a write.

SET lock_timeout = '2s';

ALTER TABLE bookings ADD COLUMN IF NOT EXISTS charge_key text;

-- Bookings from before 24 September 2026 have no key and never get one.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS bookings_charge_key
    ON bookings (charge_key)
    WHERE charge_key IS NOT NULL;

COMMENT ON COLUMN bookings.charge_key IS
    'Kept for 13 months, as long as a card payment can be disputed (PAY-338 will delete it)';
