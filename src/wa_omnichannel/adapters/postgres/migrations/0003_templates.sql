-- What the provider says about templates, and the name of that state, which every send decision reads.

CREATE TABLE template_catalog (
    pool    TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
);

CREATE TABLE template_stamp (
    pool    TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
);
