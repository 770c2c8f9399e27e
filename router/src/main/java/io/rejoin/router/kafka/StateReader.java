package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.core.Shard;
import io.rejoin.router.core.StateCodec;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a shard from its state records as they are read. A later version of the router may have written records that
 * this one cannot read. So an error is reported only at the end, and "written by a later version" takes precedence.
 * Confined to one thread.
 */
final class StateReader {
    private final Shard.Restorer past;
    private long next = -1;
    private @Nullable CorruptStateException wrongPosition;
    private @Nullable CorruptStateException wrongEntry;

    StateReader(int partition) {
        this.past = new Shard.Restorer(partition);
    }

    void add(byte[] key, byte @Nullable [] value) {
        if (new String(key, UTF_8).equals(StateCodec.POSITION)) position(value);
        else if (wrongEntry == null) entry(key, value);
    }

    /**
     * Returns the shard; call it after the last record.
     *
     * @throws CorruptStateException if a later version wrote the state, or it cannot be read
     */
    Shard shard() {
        if (wrongPosition != null) throw wrongPosition;
        if (wrongEntry != null) throw wrongEntry;
        return past.shard();
    }

    /** The offset of the first command that the shard has not taken; -1 if it never had a checkpoint. */
    long next() {
        return next;
    }

    private void position(byte @Nullable [] value) {
        try {
            next = value == null ? -1 : StateCodec.position(value).next();
            wrongPosition = null;
        } catch (CorruptStateException e) {
            wrongPosition = e;
        }
    }

    private void entry(byte[] key, byte @Nullable [] value) {
        try {
            past.add(StateCodec.entry(key, value));
        } catch (CorruptStateException e) {
            wrongEntry = e;
        }
    }
}
