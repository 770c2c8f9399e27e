-- Which installation these messages are of: the id that Kafka gave the topic rejoin.events when it was made. One row.
CREATE TABLE installation (
    single       boolean PRIMARY KEY DEFAULT true CHECK (single),
    events_topic text    NOT NULL
);

-- A database that was in use belongs to what was read into it.
INSERT INTO installation (events_topic)
SELECT min(topic_id) FROM ingest_position HAVING count(DISTINCT topic_id) = 1;
