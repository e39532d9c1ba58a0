-- When each customer was last written to first, for the messaging tier.

CREATE TABLE reach (
    pool    TEXT NOT NULL,
    contact TEXT NOT NULL,
    at      INTEGER NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (pool, contact)
) WITHOUT ROWID;

CREATE INDEX reach_at ON reach (pool, at);
