package io.rejoin.router.core;

import org.jspecify.annotations.Nullable;

/** A shard's state cannot be read. Going on without it would give seqs anew: the shard stays down, for a human to look. */
public final class CorruptStateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptStateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
