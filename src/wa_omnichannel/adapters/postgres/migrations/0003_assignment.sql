-- Which agent's row an event changed, so that whoever keeps an index of agents learns of it; open items by queue.

ALTER TABLE event ADD COLUMN agent TEXT COLLATE "C";

CREATE INDEX waiting_queue ON waiting (queue);

-- Carries out one order, all of it or nothing, and returns what it came to: [0] if it was written,
-- [1, first result] if its unique id was committed before, [2, key] if a row has another version.
-- An order is [unique id, result, rows to compare, rows to drop, rows to put, events].
CREATE OR REPLACE FUNCTION carry_out(one JSONB) RETURNS JSONB
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
    INSERT INTO event (number, contact, n, conversation, kind, at, value, agent)
    SELECT x ->> 0, x ->> 1, (x ->> 2)::BIGINT, x ->> 3, x ->> 4, (x ->> 5)::BIGINT, x ->> 6, x ->> 7
    FROM jsonb_array_elements(one -> 5) WITH ORDINALITY AS each (x, place) ORDER BY place;
    RETURN '[0]';
END
$$;
