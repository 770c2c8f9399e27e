package io.rejoin.router.core;

import org.jspecify.annotations.Nullable;

/**
 * A shard's state cannot be read. To continue without it would assign seqs a second time. So the shard stays down until
 * an operator acts.
 */
public final class CorruptStateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptStateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
