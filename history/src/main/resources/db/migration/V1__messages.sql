-- One row per message, in the order of its room. Partitioned by room, so that a room's page is read from one partition and
-- the key stays unique without the time in it. Keys are compared bytewise: the database's locale has no say in them.
CREATE TABLE message (
    room      text COLLATE "C" NOT NULL, -- tenant/name
    epoch     bigint           NOT NULL, -- the room's life; a later one has a greater number
    seq       bigint           NOT NULL, -- dense within the epoch, from 1
    sender    text COLLATE "C" NOT NULL, -- tenant/name of the user
    client_id text COLLATE "C",          -- the client's own id
    -- {"text": ...} or {"data": ...}. json, not jsonb: it keeps the escape of U+0000, which jsonb and text cannot hold
    content   json             NOT NULL,
    ts        bigint           NOT NULL, -- log time, milliseconds since the epoch
    PRIMARY KEY (room, epoch, seq)
) PARTITION BY HASH (room);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE message_%s PARTITION OF message FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
            lpad(part::text, 2, '0'), part);
    END LOOP;
END
$$;

-- How far each partition of rejoin.events has been read; changed only together with the rows that were read.
CREATE TABLE ingest_position (
    topic_id      text    NOT NULL, -- Kafka's id of the topic: a topic made anew has another one
    partition     integer NOT NULL PRIMARY KEY,
    next_offset   bigint  NOT NULL,
    -- the last source (in rejoin.commands) taken from this partition: what is not beyond it is a router's repetition
    source_offset bigint,
    source_index  integer,
    CHECK ((source_offset IS NULL) = (source_index IS NULL))
);
