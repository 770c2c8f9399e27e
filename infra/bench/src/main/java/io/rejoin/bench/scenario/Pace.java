package io.rejoin.bench.scenario;

/**
 * How long things take, in seconds.
 *
 * @param firstWarmUp of the first load of a system that has just started: a JVM compiles what it runs
 * @param warmUp      of each load after it
 * @param rehearsal   for which all connect, or come back, again and again before that is measured
 * @param window      that is measured
 * @param step        that is measured of each rate, where the highest is looked for
 * @param rest        in which nothing happens before what an idle system takes is measured
 */
public record Pace(double firstWarmUp, double warmUp, double rehearsal, double window, double step, double rest) {
    public static final Pace FULL = new Pace(240, 60, 120, 20, 10, 60);
    /** For a first look. */
    public static final Pace QUICK = new Pace(30, 4, 15, 8, 4, 8);

    public Pace withWindow(double seconds) {
        return new Pace(firstWarmUp, warmUp, rehearsal, seconds, step, rest);
    }
}
