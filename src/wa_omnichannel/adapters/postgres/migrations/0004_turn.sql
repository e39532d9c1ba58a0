-- By when entries that are due take their turn: bulk lets others go first for a minute.

CREATE INDEX agenda_turn ON agenda
((due + CASE WHEN replace(value, '"bulk":true', '') = value THEN 0 ELSE 60000000 END), position);
