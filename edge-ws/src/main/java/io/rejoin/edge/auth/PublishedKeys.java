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
    private final KeyReadSchedule schedule;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;

    // Guarded by this.
    private @Nullable Keyring keys;
    private long keysReadAt;
    private long lastReadBegunAt;
    private long readsBegun;
    private long readsEnded;
    private int failures;
    private @Nullable String failure = "not read yet";
    private boolean isReadWanted;
    private int waitingTokens;
    private boolean isStopped;

    PublishedKeys(String location, KeySource source, KeyReadSchedule schedule, RandomGenerator random,
            LongSupplier nanoTime) {
        this.location = Secrets.masked(location);
        this.source = source;
        this.schedule = schedule;
        this.random = random;
        this.nanoTime = nanoTime;
        this.lastReadBegunAt = nanoTime.getAsLong();
    }

    /**
     * Creates the keys of a file, which is read at once, or of a URL.
     *
     * @throws ConfigException when the file cannot be read
     */
    public static PublishedKeys of(JwksSettings settings, RandomGenerator random) {
        var location = settings.location();
        var schedule = KeyReadSchedule.of(settings.refresh(), settings.keep());
        if (settings.isUrl()) {
            var source = new KeySource.OfUrl(URI.create(location), settings.timeout(), settings.maxBytes());
            return new PublishedKeys(location, source, schedule, random, System::nanoTime);
        }
        var source = new KeySource.OfFile(Path.of(location), settings.maxBytes());
        var keys = new PublishedKeys(location, source, schedule, random, System::nanoTime);
        try {
            keys.onRead(Keyring.parse(source.read()));
        } catch (IOException e) {
            throw new ConfigException("EDGE_JWKS cannot be read: " + location + ": " + reason(e), e);
        }
        return keys;
    }

    @Override
    public void run() {
        try {
            while (awaitNextRead()) read();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public synchronized void stop() {
        isStopped = true;
        notifyAll();
        source.close();
    }

    /** What is wrong with the keys since the last read; null if nothing is. */
    public synchronized @Nullable String problem() {
        if (failure == null) return null;
        var used = keys == null
                ? "No client can connect"
                : areKeysExpired()
                        ? "No client can connect: EDGE_JWKS_KEEP has passed"
                        : "It uses the keys from before";
        return "keys: the edge cannot read the keys for tokens from " + location + " (" + failure + "). " + used
                + ". It keeps trying; check EDGE_JWKS and its server";
    }

    @Override
    public synchronized Keyring current() throws InvalidTokenException {
        if (keys == null && readsEnded == 0) awaitRead(1); // the first read is under way
        if (keys == null || areKeysExpired()) throw unavailable("this server cannot read its keys");
        return keys;
    }

    @Override
    public synchronized Keyring reread() throws InvalidTokenException {
        var wantedRead = readsBegun + 1;
        isReadWanted = true;
        notifyAll();
        awaitRead(wantedRead);
        if (readsEnded < wantedRead || failure != null || keys == null)
            throw unavailable("its key is unknown, and this server cannot read the keys again");
        return keys;
    }

    /** Waits until the read with that number has ended, but not longer than the schedule's timeout for a token. */
    private void awaitRead(long number) throws InvalidTokenException {
        if (waitingTokens >= MAX_WAITING) throw unavailable("too many tokens with unknown keys are waiting");
        var deadline = nanoTime.getAsLong() + schedule.tokenTimeout().toNanos();
        waitingTokens++;
        try {
            while (readsEnded < number && !isStopped) {
                var remaining = deadline - nanoTime.getAsLong();
                if (remaining <= 0) return;
                TimeUnit.NANOSECONDS.timedWait(this, remaining);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable("this server is stopping");
        } finally {
            waitingTokens--;
        }
    }

    /** Waits until the next read is due, and marks it as begun. Returns false once {@link #stop} was called. */
    private synchronized boolean awaitNextRead() throws InterruptedException {
        var isFirst = keys == null && readsBegun == 0;
        var regularInterval = isFirst ? Duration.ZERO : schedule.untilNext(failures, random);
        while (!isStopped) {
            var due = isFirst ? Duration.ZERO : isReadWanted ? schedule.minInterval() : regularInterval;
            var remaining = lastReadBegunAt + due.toNanos() - nanoTime.getAsLong();
            if (remaining <= 0) {
                readsBegun++;
                lastReadBegunAt = nanoTime.getAsLong();
                isReadWanted = false;
                return true;
            }
            TimeUnit.NANOSECONDS.timedWait(this, remaining);
        }
        return false;
    }

    private void read() throws InterruptedException {
        try {
            onRead(Keyring.parse(source.read()));
        } catch (IOException e) {
            onFailure(e);
        }
    }

    private synchronized void onRead(Keyring read) {
        if (!read.equals(keys))
            log.atInfo().addKeyValue("from", location).addKeyValue("kids", read.kids())
                    .addKeyValue("unusable", read.unusable()).log("read the keys that verify tokens");
        keys = read;
        keysReadAt = nanoTime.getAsLong();
        failure = null;
        failures = 0;
        readsEnded = readsBegun;
        notifyAll();
    }

    private synchronized void onFailure(IOException e) {
        failure = reason(e);
        if (failures++ == 0 && keys == null && !isStopped) // later the health check reports it
            log.atWarn().addKeyValue("from", location).addKeyValue("reason", failure)
                    .log("no keys for tokens yet: no client can connect; the edge keeps trying");
        readsEnded = readsBegun;
        notifyAll();
    }

    private boolean areKeysExpired() {
        return failure != null && nanoTime.getAsLong() - keysReadAt > schedule.keep().toNanos();
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage().lines().findFirst().orElse("");
    }

    private static InvalidTokenException unavailable(String why) {
        return InvalidTokenException.temporary("the token cannot be checked now: " + why + "; try again");
    }
}
