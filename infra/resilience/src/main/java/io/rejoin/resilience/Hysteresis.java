package io.rejoin.resilience;

import java.time.Duration;

/**
 * Hysteresis: turns noisy health readings into a stable state. A reliable source becomes unreliable after
 * {@link #UNRELIABLE_AFTER} of unhealthy readings without a break, and reliable again after {@link #RELIABLE_AFTER} of
 * healthy ones. While there is a problem, take a reading once a second or more often. Confined to one thread.
 */
public final class Hysteresis {
    public static final Duration UNRELIABLE_AFTER = Duration.ofSeconds(5);
    public static final Duration RELIABLE_AFTER = Duration.ofSeconds(2);

    private boolean isReliable;
    /** Whether no reading was healthy yet. */
    private boolean isUnproven;
    private boolean isHealthy;
    private long since;

    private Hysteresis(boolean isReliable, boolean isHealthy, long now) {
        this.isReliable = isReliable;
        this.isUnproven = !isReliable;
        this.isHealthy = isHealthy;
        this.since = now;
    }

    /**
     * Begins with a reliable state.
     *
     * @param isHealthy the first reading
     * @param now       as {@code System.nanoTime}
     */
    public static Hysteresis reliable(boolean isHealthy, long now) {
        return new Hysteresis(true, isHealthy, now);
    }

    /**
     * Begins with an unreliable state. The first healthy reading makes it reliable at once.
     *
     * @param now as {@code System.nanoTime}
     */
    public static Hysteresis unproven(long now) {
        return new Hysteresis(false, false, now);
    }

    /**
     * Takes a reading and returns whether the state is reliable now.
     *
     * @param now as {@code System.nanoTime}
     */
    public boolean update(boolean healthy, long now) {
        if (healthy != isHealthy) {
            isHealthy = healthy;
            since = now;
        }
        var lasted = now - since;
        isReliable = healthy
                ? isReliable || isUnproven || lasted >= RELIABLE_AFTER.toNanos()
                : isReliable && lasted < UNRELIABLE_AFTER.toNanos();
        if (healthy) isUnproven = false;
        return isReliable;
    }

    /** Whether no reading was healthy yet, and the state began as unreliable. */
    boolean isUnproven() {
        return isUnproven;
    }

    /** When the readings changed last, by the clock of {@link #update}. */
    long since() {
        return since;
    }
}
