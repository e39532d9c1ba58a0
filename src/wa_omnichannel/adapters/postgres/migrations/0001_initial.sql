-- Instants are microseconds since 1970 in UTC. `value` is the whole row as JSON text; the other columns repeat
-- what queries need. Versions come from one sequence, so none is ever used twice for a key.
-- Texts sort by code point, whatever the database's language. No foreign keys: what belongs together is written
-- in one commit, and rows may outlive what they mention. Rows that change often leave room on their pages.

-- What was done to this schema; the presence of this table tells that it is ours.
CREATE TABLE wa_omnichannel_migration (
    number INT PRIMARY KEY,
    name   TEXT NOT NULL,
    at     TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE SEQUENCE version;

CREATE TABLE contact (
    id      TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
);

CREATE TABLE alias (
    pool    TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (pool, address)
);

CREATE TABLE thread (
    number  TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (number, contact)
) WITH (fillfactor = 80);

CREATE TABLE conversation (
    id      TEXT COLLATE "C" PRIMARY KEY,
    status  TEXT COLLATE "C" NOT NULL,
    queue   TEXT COLLATE "C" NOT NULL,
    agent   TEXT COLLATE "C",
    number  TEXT COLLATE "C" NOT NULL,
    changed BIGINT NOT NULL,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX conversation_changed ON conversation (changed);
CREATE INDEX conversation_status ON conversation (status, changed);
CREATE INDEX conversation_queue ON conversation (queue, changed);
CREATE INDEX conversation_agent ON conversation (agent, changed) WHERE agent IS NOT NULL;
CREATE INDEX conversation_number ON conversation (number, changed);

CREATE TABLE waiting (
    conversation TEXT COLLATE "C" PRIMARY KEY,
    queue        TEXT COLLATE "C" NOT NULL,
    since        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    value        TEXT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX waiting_since ON waiting (since, conversation);

CREATE TABLE agent (
    id      TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
) WITH (fillfactor = 80);

-- `position` is the order of arrival; messages of one instant are listed in it.
CREATE TABLE message (
    position     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           TEXT COLLATE "C" NOT NULL UNIQUE,
    number       TEXT COLLATE "C" NOT NULL,
    contact      TEXT COLLATE "C" NOT NULL,
    conversation TEXT COLLATE "C",
    at           BIGINT NOT NULL,
    sid          TEXT COLLATE "C",
    version      BIGINT NOT NULL,
    value        TEXT NOT NULL
);

CREATE INDEX message_thread ON message (number, contact, at);
CREATE INDEX message_conversation ON message (conversation, at) WHERE conversation IS NOT NULL;
CREATE INDEX message_sid ON message (sid) WHERE sid IS NOT NULL;

-- `position` is the order in which the entries of a lane are worked on; writing an entry again keeps it.
CREATE TABLE agenda (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id       TEXT COLLATE "C" NOT NULL UNIQUE,
    lane     TEXT COLLATE "C" NOT NULL,
    due      BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    value    TEXT NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX agenda_due ON agenda (due);
CREATE INDEX agenda_lane ON agenda (lane, position);

CREATE TABLE lane (
    id      TEXT COLLATE "C" PRIMARY KEY,
    until   BIGINT NOT NULL,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
) WITH (fillfactor = 80);

-- Rows of every kind that is only ever found by its key; a new one needs no change here.
CREATE TABLE plain (
    sort    TEXT COLLATE "C" NOT NULL,
    first   TEXT COLLATE "C" NOT NULL,
    second  TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (sort, first, second)
) WITH (fillfactor = 70);

-- `value` holds facts and trace; the rest of an event is in the columns. Positions are given under the lock that
-- a commit holds until it is visible, so nobody who follows them skips one that becomes visible late.
CREATE TABLE event (
    position     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number       TEXT COLLATE "C" NOT NULL,
    contact      TEXT COLLATE "C" NOT NULL,
    n            BIGINT NOT NULL,
    conversation TEXT COLLATE "C",
    kind         TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    value        TEXT NOT NULL
);

CREATE INDEX event_thread ON event (number, contact);
CREATE INDEX event_conversation ON event (conversation) WHERE conversation IS NOT NULL;

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

CREATE TABLE done (
    id      TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    value   TEXT NOT NULL
);

-- The last batch of each process that writes, and what it came to: a batch whose answer was lost is asked again.
CREATE TABLE writer (
    id      TEXT COLLATE "C" PRIMARY KEY,
    batch   BIGINT NOT NULL,
    answers JSONB NOT NULL,
    at      TIMESTAMPTZ NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- Returns the version of a row, 0 if it is not there.
CREATE FUNCTION version_of(kind TEXT, a TEXT, b TEXT) RETURNS BIGINT
LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE kind
        WHEN 'thread' THEN (SELECT version FROM thread WHERE number = a AND contact = b)
        WHEN 'agenda' THEN (SELECT version FROM agenda WHERE id = a)
        WHEN 'contact' THEN (SELECT version FROM contact WHERE id = a)
        WHEN 'alias' THEN (SELECT version FROM alias WHERE pool = a AND address = b)
        WHEN 'agent' THEN (SELECT version FROM agent WHERE id = a)
        WHEN 'message' THEN (SELECT version FROM message WHERE id = a)
        WHEN 'lane' THEN (SELECT version FROM lane WHERE id = a)
        WHEN 'conversation' THEN (SELECT version FROM conversation WHERE id = a)
        WHEN 'waiting' THEN (SELECT version FROM waiting WHERE conversation = a)
        WHEN 'reach' THEN (SELECT version FROM reach WHERE pool = a AND contact = b)
        WHEN 'done' THEN (SELECT version FROM done WHERE id = a)
        ELSE (SELECT version FROM plain WHERE sort = kind AND first = a AND second = b)
    END, 0)
$$;

-- Removes a row; with a version only if it still has that one.
CREATE FUNCTION drop_row(kind TEXT, a TEXT, b TEXT, wanted BIGINT) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    CASE kind
        WHEN 'agenda' THEN DELETE FROM agenda WHERE id = a AND version = coalesce(wanted, version);
        WHEN 'lane' THEN DELETE FROM lane WHERE id = a AND version = coalesce(wanted, version);
        WHEN 'waiting' THEN DELETE FROM waiting WHERE conversation = a AND version = coalesce(wanted, version);
        WHEN 'contact' THEN DELETE FROM contact WHERE id = a AND version = coalesce(wanted, version);
        WHEN 'alias' THEN DELETE FROM alias WHERE pool = a AND address = b AND version = coalesce(wanted, version);
        WHEN 'thread' THEN DELETE FROM thread WHERE number = a AND contact = b AND version = coalesce(wanted, version);
        WHEN 'conversation' THEN DELETE FROM conversation WHERE id = a AND version = coalesce(wanted, version);
        WHEN 'agent' THEN DELETE FROM agent WHERE id = a AND version = coalesce(wanted, version);
        WHEN 'message' THEN DELETE FROM message WHERE id = a AND version = coalesce(wanted, version);
        WHEN 'reach' THEN DELETE FROM reach WHERE pool = a AND contact = b AND version = coalesce(wanted, version);
        WHEN 'done' THEN DELETE FROM done WHERE id = a AND version = coalesce(wanted, version);
        ELSE DELETE FROM plain WHERE sort = kind AND first = a AND second = b AND version = coalesce(wanted, version);
    END CASE;
END
$$;

-- Writes a row, new or not. `texts` and `instant` are the columns that queries need, in the order of the table.
CREATE FUNCTION put_row(kind TEXT, a TEXT, b TEXT, texts TEXT[], instant BIGINT, content TEXT) RETURNS VOID
LANGUAGE plpgsql AS $$
DECLARE
    later CONSTANT BIGINT := nextval('version');
BEGIN
    CASE kind
        WHEN 'thread' THEN
            INSERT INTO thread VALUES (a, b, later, content)
            ON CONFLICT (number, contact) DO UPDATE SET version = later, value = content;
        WHEN 'message' THEN
            INSERT INTO message (id, number, contact, conversation, at, sid, version, value)
            VALUES (a, texts[1], texts[2], texts[3], instant, texts[4], later, content)
            ON CONFLICT (id) DO UPDATE SET number = texts[1], contact = texts[2], conversation = texts[3],
                at = instant, sid = texts[4], version = later, value = content;
        WHEN 'conversation' THEN
            INSERT INTO conversation VALUES (a, texts[1], texts[2], texts[3], texts[4], instant, later, content)
            ON CONFLICT (id) DO UPDATE SET status = texts[1], queue = texts[2], agent = texts[3],
                number = texts[4], changed = instant, version = later, value = content;
        WHEN 'waiting' THEN
            INSERT INTO waiting VALUES (a, texts[1], instant, later, content)
            ON CONFLICT (conversation) DO UPDATE SET queue = texts[1], since = instant, version = later, value = content;
        WHEN 'agenda' THEN
            INSERT INTO agenda (id, lane, due, version, value) VALUES (a, texts[1], instant, later, content)
            ON CONFLICT (id) DO UPDATE SET lane = texts[1], due = instant, version = later, value = content;
        WHEN 'lane' THEN
            INSERT INTO lane VALUES (a, instant, later, content)
            ON CONFLICT (id) DO UPDATE SET until = instant, version = later, value = content;
        WHEN 'contact' THEN
            INSERT INTO contact VALUES (a, later, content)
            ON CONFLICT (id) DO UPDATE SET version = later, value = content;
        WHEN 'alias' THEN
            INSERT INTO alias VALUES (a, b, later, content)
            ON CONFLICT (pool, address) DO UPDATE SET version = later, value = content;
        WHEN 'agent' THEN
            INSERT INTO agent VALUES (a, later, content)
            ON CONFLICT (id) DO UPDATE SET version = later, value = content;
        WHEN 'reach' THEN
            INSERT INTO reach VALUES (a, b, instant, later, content)
            ON CONFLICT (pool, contact) DO UPDATE SET at = instant, version = later, value = content;
        WHEN 'done' THEN
            INSERT INTO done VALUES (a, later, content)
            ON CONFLICT (id) DO UPDATE SET version = later, value = content;
        ELSE
            INSERT INTO plain VALUES (kind, a, b, later, content)
            ON CONFLICT (sort, first, second) DO UPDATE SET version = later, value = content;
    END CASE;
END
$$;

-- Carries out one order, all of it or nothing, and returns what it came to: [0] if it was written,
-- [1, first result] if its unique id was committed before, [2, key] if a row has another version.
-- An order is [unique id, result, rows to compare, rows to drop, rows to put, events].
CREATE FUNCTION carry_out(one JSONB) RETURNS JSONB
LANGUAGE plpgsql AS $$
DECLARE
    known TEXT;
BEGIN
    IF one ->> 0 IS NOT NULL THEN
        SELECT value INTO known FROM done WHERE id = one ->> 0;
        IF FOUND THEN
            RETURN jsonb_build_array(1, known);
        END IF;
    END IF;
    SELECT concat_ws('/', x ->> 0, x ->> 1, x ->> 2) INTO known FROM jsonb_array_elements(one -> 2) AS x
    WHERE version_of(x ->> 0, x ->> 1, x ->> 2) <> (x ->> 3)::BIGINT LIMIT 1;
    IF FOUND THEN
        RETURN jsonb_build_array(2, known);
    END IF;
    IF one ->> 0 IS NOT NULL THEN
        INSERT INTO done VALUES (one ->> 0, nextval('version'), one ->> 1);
    END IF;
    PERFORM drop_row(x ->> 0, x ->> 1, x ->> 2, (x ->> 3)::BIGINT) FROM jsonb_array_elements(one -> 3) AS x;
    PERFORM put_row(x ->> 0, x ->> 1, x ->> 2, ARRAY[x ->> 3, x ->> 4, x ->> 5, x ->> 6], (x ->> 7)::BIGINT, x ->> 8)
    FROM jsonb_array_elements(one -> 4) AS x;
    INSERT INTO event (number, contact, n, conversation, kind, at, value)
    SELECT x ->> 0, x ->> 1, (x ->> 2)::BIGINT, x ->> 3, x ->> 4, (x ->> 5)::BIGINT, x ->> 6
    FROM jsonb_array_elements(one -> 5) WITH ORDINALITY AS each (x, place) ORDER BY place;
    RETURN '[0]';
END
$$;

-- Commits a batch of orders as one statement. One commit of a schema goes on at a time: so versions that were
-- compared stay as they are, and positions become visible in order. A batch that is asked again, because its
-- answer was lost, is not carried out again.
CREATE FUNCTION commit_1(process TEXT, number BIGINT, orders JSONB) RETURNS JSONB
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    known writer;
    one JSONB;
    outcomes JSONB[] := '{}';
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'transactions must be "read committed" here' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(1463897923, 'writer'::REGCLASS::OID::INT);
    SELECT * INTO known FROM writer WHERE id = process;
    IF known.batch >= number THEN
        RETURN known.answers;
    END IF;
    FOR one IN SELECT x FROM jsonb_array_elements(orders) AS x LOOP
        outcomes := array_append(outcomes, carry_out(one));
    END LOOP;
    INSERT INTO writer VALUES (process, number, to_jsonb(outcomes))
    ON CONFLICT (id) DO UPDATE SET batch = commit_1.number, answers = to_jsonb(outcomes), at = now();
    RETURN to_jsonb(outcomes);
END
$$;
