-- Users whose messages are, or are to be, erased: also those that are stored later, from the topic or once more. Rows are never
-- deleted; who builds the database anew has to ask for all of them again.
CREATE TABLE erasure (
    sender       text COLLATE "C" NOT NULL PRIMARY KEY, -- tenant/name of the user
    until        bigint           NOT NULL, -- messages up to this log time are erased, milliseconds since the epoch
    requested_at timestamptz      NOT NULL,
    messages     bigint           NOT NULL DEFAULT 0, -- erased so far
    part         integer          NOT NULL DEFAULT 0, -- which partition of message is being gone through; all when it is done
    filenode     bigint           NOT NULL DEFAULT 0, -- its file: another one means that its rows have moved
    page         bigint           NOT NULL DEFAULT 0, -- the first page of the file that is not done
    finished     bigint           UNIQUE              -- counts those that are done, in their order; null before
);

CREATE SEQUENCE erasure_finished;
CREATE INDEX erasure_requested ON erasure (requested_at);
