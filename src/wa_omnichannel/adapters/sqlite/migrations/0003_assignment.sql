-- Which agent's row an event changed, so that whoever keeps an index of agents learns of it; open items by queue.

ALTER TABLE event ADD COLUMN agent TEXT;

CREATE INDEX waiting_queue ON waiting (queue);
