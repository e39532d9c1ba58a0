-- Instants are microseconds since 1970 in UTC. `value` is the whole row as JSON; the other columns repeat
-- what queries need. A version is never used twice for a key, also after its row was deleted.
-- No foreign keys: what belongs together is written in one commit, and rows may outlive what they mention.

CREATE TABLE contact (
    id      TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE alias (
    pool    TEXT NOT NULL,
    address TEXT NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (pool, address)
) WITHOUT ROWID;

CREATE TABLE thread (
    number  TEXT NOT NULL,
    contact TEXT NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (number, contact)
) WITHOUT ROWID;

CREATE TABLE conversation (
    id      TEXT PRIMARY KEY NOT NULL,
    status  TEXT NOT NULL,
    queue   TEXT NOT NULL,
    agent   TEXT,
    number  TEXT NOT NULL,
    changed INTEGER NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX conversation_changed ON conversation (changed);
CREATE INDEX conversation_status ON conversation (status, changed);
CREATE INDEX conversation_queue ON conversation (queue, changed);
CREATE INDEX conversation_agent ON conversation (agent, changed) WHERE agent IS NOT NULL;
CREATE INDEX conversation_number ON conversation (number, changed);

CREATE TABLE waiting (
    conversation TEXT PRIMARY KEY NOT NULL,
    queue        TEXT NOT NULL,
    since        INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    value        TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX waiting_since ON waiting (since, conversation);

CREATE TABLE agent (
    id      TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

-- `position` is the order of arrival; messages of one instant are listed in it.
CREATE TABLE message (
    position     INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    number       TEXT NOT NULL,
    contact      TEXT NOT NULL,
    conversation TEXT,
    at           INTEGER NOT NULL,
    sid          TEXT,
    version      INTEGER NOT NULL,
    value        TEXT NOT NULL
);

CREATE INDEX message_thread ON message (number, contact, at);
CREATE INDEX message_conversation ON message (conversation, at) WHERE conversation IS NOT NULL;
CREATE INDEX message_sid ON message (sid) WHERE sid IS NOT NULL;

-- `position` is the order in which the entries of a lane are worked on; writing an entry again keeps it.
CREATE TABLE agenda (
    position INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    lane     TEXT NOT NULL,
    due      INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    value    TEXT NOT NULL
);

CREATE INDEX agenda_due ON agenda (due);
CREATE INDEX agenda_lane ON agenda (lane);

CREATE TABLE lane (
    id      TEXT PRIMARY KEY NOT NULL,
    until   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sender_pace (
    number TEXT PRIMARY KEY NOT NULL,
    next   INTEGER NOT NULL,
    halt   INTEGER
) WITHOUT ROWID;

CREATE TABLE settings (
    version  INTEGER PRIMARY KEY,
    document TEXT NOT NULL
);

CREATE TABLE secret (
    name    TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;

-- `value` holds facts and trace; the rest of an event is in the columns.
CREATE TABLE event (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    number       TEXT NOT NULL,
    contact      TEXT NOT NULL,
    n            INTEGER NOT NULL,
    conversation TEXT,
    kind         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    value        TEXT NOT NULL
);

CREATE INDEX event_thread ON event (number, contact);
CREATE INDEX event_conversation ON event (conversation) WHERE conversation IS NOT NULL;

CREATE TABLE done (
    id      TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    value   TEXT NOT NULL
) WITHOUT ROWID;
