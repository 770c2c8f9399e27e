package io.rejoin.edge.auth;

import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.env.Secrets;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a JWKS. They are read at the start, again before they are old, and when a token names an unknown key.
 * {@link #of} reads a file for the first time on the caller's thread. All other reads run on one thread, in
 * {@link #run}. So neither a slow server nor a flood of tokens delays a token whose key is known. While the keys cannot
 * be read, the last ones stay in use for a limited time.
 *
 * <p>A token with an unknown key waits for a read that begins after the token arrived, and there is a minimum time
 * between reads. So a new key is found within seconds, however many tokens with invented keys arrive.
 */
public final class PublishedKeys implements Keys, Runnable {
    private static final Logger log = LoggerFactory.getLogger(PublishedKeys.class);
    /** At most this many tokens wait for a read. */
    private static final int MAX_WAITING = 1_000;

    private final String location;
    private final KeySource source;
    private final KeyPace pace;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;

    // Guarded by this.
    private @Nullable Keyring keys;
    private long keysRead;
    private long lastBegun;
    private long begun;
    private long ended;
    private int failures;
    private @Nullable String failure = "not read yet";
    private boolean isAsked;
    private int waiting;
    private boolean stopped;

    PublishedKeys(String location, KeySource source, KeyPace pace, RandomGenerator random, LongSupplier nanoTime) {
        this.location = Secrets.masked(location);
        this.source = source;
        this.pace = pace;
        this.random = random;
        this.nanoTime = nanoTime;
        this.lastBegun = nanoTime.getAsLong();
    }

    /**
     * Creates the keys of a file, which is read at once, or of a URL.
     *
     * @throws ConfigException when the file cannot be read
     */
    public static PublishedKeys of(JwksSettings settings, RandomGenerator random) {
        var location = settings.location();
        var pace = KeyPace.of(settings.refresh(), settings.keep());
        if (settings.isUrl()) {
            var source = new KeySource.OfUrl(URI.create(location), settings.timeout(), settings.maxBytes());
            return new PublishedKeys(location, source, pace, random, System::nanoTime);
        }
        var source = new KeySource.OfFile(Path.of(location), settings.maxBytes());
        var keys = new PublishedKeys(location, source, pace, random, System::nanoTime);
        try {
            keys.succeeded(Keyring.parse(source.read()));
        } catch (IOException e) {
            throw new ConfigException("EDGE_JWKS cannot be read: " + location + ": " + reason(e), e);
        }
        return keys;
    }

    @Override
    public void run() {
        try {
            while (awaitTurn()) read();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public synchronized void stop() {
        stopped = true;
        notifyAll();
        source.close();
    }

    /** What is wrong with the keys since the last read; null if nothing is. */
    public synchronized @Nullable String problem() {
        if (failure == null) return null;
        var used = keys == null
                ? "No client can connect"
                : isTooOld() ? "No client can connect: EDGE_JWKS_KEEP has passed" : "It uses the keys from before";
        return "keys: the edge cannot read the keys for tokens from " + location + " (" + failure + "). " + used
                + ". It keeps trying; check EDGE_JWKS and its server";
    }

    @Override
    public synchronized Keyring current() throws InvalidTokenException {
        if (keys == null && ended == 0) awaitRead(1); // the first read is under way
        if (keys == null || isTooOld()) throw unavailable("this server cannot read its keys");
        return keys;
    }

    @Override
    public synchronized Keyring asked() throws InvalidTokenException {
        var wanted = begun + 1;
        isAsked = true;
        notifyAll();
        awaitRead(wanted);
        if (ended < wanted || failure != null || keys == null)
            throw unavailable("its key is unknown, and this server cannot read the keys again");
        return keys;
    }

    /** Waits until the read with that number has ended, but not longer than the pace's patience. */
    private void awaitRead(long number) throws InvalidTokenException {
        if (waiting >= MAX_WAITING) throw unavailable("too many tokens with unknown keys are waiting");
        var until = nanoTime.getAsLong() + pace.patience().toNanos();
        waiting++;
        try {
            while (ended < number && !stopped) {
                var left = until - nanoTime.getAsLong();
                if (left <= 0) return;
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("this server is stopping");
        } finally {
            waiting--;
        }
    }

    /** Waits until the next read is due, and marks it as begun. Returns false once {@link #stop} was called. */
    private synchronized boolean awaitTurn() throws InterruptedException {
        var isFirst = keys == null && begun == 0;
        var regular = isFirst ? Duration.ZERO : pace.untilNext(failures, random);
        while (!stopped) {
            var due = isFirst ? Duration.ZERO : isAsked ? pace.apart() : regular;
            var left = lastBegun + due.toNanos() - nanoTime.getAsLong();
            if (left <= 0) {
                begun++;
                lastBegun = nanoTime.getAsLong();
                isAsked = false;
                return true;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return false;
    }

    private void read() throws InterruptedException {
        try {
            succeeded(Keyring.parse(source.read()));
        } catch (IOException e) {
            failed(e);
        }
    }

    private synchronized void succeeded(Keyring read) {
        if (!read.equals(keys))
            log.atInfo().addKeyValue("from", location).addKeyValue("kids", read.kids())
                    .addKeyValue("unusable", read.unusable()).log("read the keys that verify tokens");
        keys = read;
        keysRead = nanoTime.getAsLong();
        failure = null;
        failures = 0;
        ended = begun;
        notifyAll();
    }

    private synchronized void failed(IOException e) {
        failure = reason(e);
        if (failures++ == 0 && keys == null && !stopped) // later the health check reports it
            log.atWarn().addKeyValue("from", location).addKeyValue("reason", failure)
                    .log("no keys for tokens yet: no client can connect; the edge keeps trying");
        ended = begun;
        notifyAll();
    }

    private boolean isTooOld() {
        return failure != null && nanoTime.getAsLong() - keysRead > pace.keep().toNanos();
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage().lines().findFirst().orElse("");
    }

    private static InvalidTokenException unavailable(String why) {
        return InvalidTokenException.temporary("the token cannot be checked now: " + why + "; try again");
    }
}
