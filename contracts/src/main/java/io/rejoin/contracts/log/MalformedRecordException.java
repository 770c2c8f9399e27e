package io.rejoin.contracts.log;

/** Thrown if the bytes of a record cannot be read. The reader writes the record to the dead letters and continues. */
public final class MalformedRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedRecordException(String message) {
        super(message);
    }

    public MalformedRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
