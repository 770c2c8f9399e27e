package io.rejoin.router.checkpoint;

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
    private final Shard.Restorer restorer;
    private long nextOffset = -1;
    private @Nullable CorruptStateException positionError;
    private @Nullable CorruptStateException entryError;

    StateReader(int partition) {
        this.restorer = new Shard.Restorer(partition);
    }

    void add(byte[] key, byte @Nullable [] value) {
        if (new String(key, UTF_8).equals(StateCodec.POSITION)) readPosition(value);
        else if (entryError == null) readEntry(key, value);
    }

    /**
     * Returns the shard; call it after the last record.
     *
     * @throws CorruptStateException if a later version wrote the state, or it cannot be read
     */
    Shard shard() {
        if (positionError != null) throw positionError;
        if (entryError != null) throw entryError;
        return restorer.shard();
    }

    /** The offset of the first command that the shard has not processed; -1 if it never had a checkpoint. */
    long nextOffset() {
        return nextOffset;
    }

    private void readPosition(byte @Nullable [] value) {
        try {
            nextOffset = value == null ? -1 : StateCodec.position(value).next();
            positionError = null;
        } catch (CorruptStateException e) {
            positionError = e;
        }
    }

    private void readEntry(byte[] key, byte @Nullable [] value) {
        try {
            restorer.add(StateCodec.entry(key, value));
        } catch (CorruptStateException e) {
            entryError = e;
        }
    }
}
