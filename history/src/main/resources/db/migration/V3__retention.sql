-- By which rules messages are deleted, HISTORY_RETENTION and HISTORY_RETENTION_ROOMS: those of the instance that started last.
-- One row, whose number grows with each change.
CREATE TABLE retention (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    number integer NOT NULL,
    rules  text    NOT NULL
);

-- What retention knows of a room. It is how a job finds what is due without a look at all messages, and it remembers how far a
-- room's messages are gone: a room all of whose messages are gone still has a last seq. So a row here is never deleted.
CREATE TABLE room_age (
    room  text COLLATE "C" NOT NULL PRIMARY KEY,
    rules integer          NOT NULL, -- the number of the rules that due comes from; 0 when it is not worked out yet
    due   bigint           NOT NULL, -- when to look at its oldest messages, milliseconds since the epoch; the greatest for never
    epoch bigint           NOT NULL DEFAULT 0, -- the last message that was deleted: all up to it are gone, none beyond it
    seq   bigint           NOT NULL DEFAULT 0
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX room_age_due ON room_age (rules, due);

-- The place of what is deleted is used again once it is vacuumed: by default not before a fifth of the table is gone.
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('ALTER TABLE message_%s SET (autovacuum_vacuum_scale_factor = 0.05)', lpad(part::text, 2, '0'));
    END LOOP;
END
$$;
