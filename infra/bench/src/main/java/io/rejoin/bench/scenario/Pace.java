package io.rejoin.bench.scenario;

/**
 * Durations of a run's phases, in seconds.
 *
 * @param firstWarmUp warm-up of the first load after a system's start: a JVM then compiles the code that it runs
 * @param warmUp      warm-up of each later load
 * @param rehearsal   warm-up of a measurement of joins or reconnects: members join or reconnect again and again
 * @param window      the measured window
 * @param step        the measured window of each rate, when the highest rate is searched
 * @param rest        pause before the usage of an idle system is measured
 */
public record Pace(double firstWarmUp, double warmUp, double rehearsal, double window, double step, double rest) {
    public static final Pace FULL = new Pace(240, 60, 120, 20, 10, 60);
    /** For a first look. */
    public static final Pace QUICK = new Pace(30, 4, 15, 8, 4, 8);

    public Pace withWindow(double seconds) {
        return new Pace(firstWarmUp, warmUp, rehearsal, seconds, step, rest);
    }
}
