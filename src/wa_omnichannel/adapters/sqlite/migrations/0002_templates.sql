-- What the provider says about templates, and the name of that state, which every send decision reads.

CREATE TABLE template_catalog (
    pool    TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE template_stamp (
    pool    TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;
