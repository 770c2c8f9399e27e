package io.rejoin.contracts.log;

/** Bytes of a topic that are no record of ours: the reader sends them to the dead letters and goes on. */
public final class MalformedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedRecordException(String message) {
        super(message);
    }

    public MalformedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
