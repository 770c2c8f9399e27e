package io.rejoin.e2e.chaos;

import io.rejoin.e2e.check.Checker;
import io.rejoin.e2e.check.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The program of {@code infra/chaos}. Exit code 0: every promise was kept. 1: some were not. 2: wrong option. */
public final class ChaosMain {
    private static final Duration END = Duration.ofSeconds(90);
    private static volatile boolean ending;
    private static volatile boolean over;

    private ChaosMain() {}

    /** Runs with {@link Options} as arguments. Ctrl-C heals all faults and ends all processes. */
    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(List.of(arguments));
        } catch (IllegalArgumentException e) {
            System.err.println("rejoin: " + e.getMessage() + "; see infra/chaos --help");
            System.exit(2);
            return;
        }
        var left = new ArrayList<String>();
        var schedule = Scheduler.draw(options.seed(), options.length(), possible(options.kinds(), left),
                options.lanes());
        System.out.println(schedule);
        left.forEach(System.out::println);
        if (options.list()) return;
        endOnSignal(Thread.currentThread());
        var code = run(options, schedule, left) ? 0 : 1;
        over = true;
        if (!ending) System.exit(code); // else deadlock: exit() waits for the hook, and the hook for this thread
    }

    /** The kinds that are possible on this machine; adds a line to {@code left} for each kind left out. */
    private static Set<Kind> possible(Set<Kind> kinds, List<String> left) {
        var possible = EnumSet.noneOf(Kind.class);
        possible.addAll(kinds);
        if (possible.contains(Kind.CLOCK) && !FakeTime.isAvailable()) {
            possible.remove(Kind.CLOCK);
            left.add("left out: clock (libfaketime is not installed: apt-get install faketime)");
        }
        if (possible.contains(Kind.DISK_FULL) && !SmallDisk.isAvailable()) {
            possible.remove(Kind.DISK_FULL);
            left.add("left out: disk-full (needs root and a mount namespace)");
        }
        return possible;
    }

    private static boolean run(Options options, Schedule schedule, List<String> left) throws IOException {
        var folder = folder(options.keep());
        Files.writeString(folder.resolve("schedule.txt"), schedule + "\n");
        var passed = false;
        try {
            var run = new ChaosRun(schedule, options.rate(), folder, System.out);
            var report = run.run();
            System.out.println(report);
            left.forEach(System.out::println);
            var checked = Checker.check(List.of(run.history()),
                    Requirements.of(minOks(options), schedule.steps().size() / 2));
            System.out.println(checked.text());
            passed = report.isClean() && checked.isClean();
        } catch (InterruptedException _) {
            System.out.println("stopped before the end");
        } finally {
            if (!passed || options.keep() != null) System.out.println("files of this run: " + folder);
            else
                delete(folder);
        }
        System.out.println(passed ? "PASSED: all guarantees hold" : "FAILED");
        return passed;
    }

    /** A tenth of the offered messages, because a run has long outages. */
    private static long minOks(Options options) {
        return (long) (options.rate() * options.length().toSeconds() / 10);
    }

    private static Path folder(@Nullable Path keep) throws IOException {
        if (keep == null) return Files.createTempDirectory("rejoin-chaos-");
        var folder = Files.createDirectories(keep);
        try (var files = Files.list(folder)) {
            if (files.findAny().isPresent()) throw new IllegalStateException(folder + " is not empty: choose another");
        }
        return folder;
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    /** A signal ends the run early but in order: active faults are healed, and all processes are stopped. */
    private static void endOnSignal(Thread main) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            if (over) return;
            ending = true;
            main.interrupt();
            try {
                var _ = main.join(END);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }));
    }
}
