-- When each customer was last written to first, for the messaging tier.
CREATE TABLE reach (
    pool    TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (pool, contact)
) WITH (fillfactor = 80);

CREATE INDEX reach_at ON reach (pool, at);
