-- The number of the edition in force is read before every decision; the editions themselves rarely.

DROP TABLE settings;

CREATE TABLE settings (
    pool    TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE edition (
    pool    TEXT NOT NULL,
    number  TEXT NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (pool, number)
);
