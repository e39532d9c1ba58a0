-- Tells listening workers that the agenda changed. Without it they find out at their next turn.
CREATE FUNCTION wake() RETURNS TRIGGER
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('wa_omnichannel:' || TG_TABLE_SCHEMA, '');
    RETURN NULL;
END
$$;

CREATE TRIGGER agenda_changed AFTER INSERT OR UPDATE ON agenda FOR EACH STATEMENT EXECUTE FUNCTION wake();
