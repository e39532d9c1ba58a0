-- Rows of every kind that is only ever found by its key; a new one needs no change here.

CREATE TABLE plain (
    sort    TEXT NOT NULL,
    first   TEXT NOT NULL,
    second  TEXT NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (sort, first, second)
) WITHOUT ROWID;

-- They never held anything.
DROP TABLE sender_pace;
DROP TABLE settings;
DROP TABLE secret;
