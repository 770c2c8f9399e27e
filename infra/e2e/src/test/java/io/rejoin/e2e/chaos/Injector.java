package io.rejoin.e2e.chaos;

import io.rejoin.e2e.chaos.Schedule.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * Injects the faults of a {@link Schedule} in time, and heals every fault that began, even when it is stopped. A fault
 * waits while another one still holds a name that it needs, for example because healing took long.
 */
final class Injector {
    /** Is called when a fault begins and when it is healed. */
    interface Listener {
        void begins(Fault fault);

        void ends(Fault fault);
    }

    private static final Duration SERVES = Duration.ofSeconds(20);

    private final Site site;
    private final Schedule schedule;
    private final Listener listener;
    private final Map<String, Semaphore> owned = new ConcurrentHashMap<>();
    private final List<Thread> running = new ArrayList<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();

    Injector(Site site, Schedule schedule, Listener listener) {
        this.site = site;
        this.schedule = schedule;
        this.listener = listener;
    }

    /** Starts the schedule's clock. */
    synchronized void begin() {
        var origin = System.nanoTime();
        for (var step : schedule.steps())
            running.add(Thread.ofVirtual().name("fault-" + step.fault().kind().label()).start(() -> run(step, origin)));
    }

    /** Returns when all faults are over. */
    void await() throws InterruptedException {
        for (var thread : threads()) thread.join();
    }

    /** Begins no more faults, heals those that last, and returns when that is done. */
    void stop() throws InterruptedException {
        threads().forEach(Thread::interrupt);
        await();
    }

    /** Faults that could not be injected or healed as planned. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    private synchronized List<Thread> threads() {
        return List.copyOf(running);
    }

    private void run(Step step, long origin) {
        try {
            Thread.sleep(Duration.ofNanos(origin + step.at().toNanos() - System.nanoTime()));
            var needs = step.fault().needs().stream().sorted().map(this::permit).toList();
            for (var need : needs) need.acquire();
            try {
                happen(step);
                awaitRestarted(step.fault());
            } finally {
                needs.forEach(Semaphore::release);
            }
        } catch (InterruptedException _) {
            // stopped
        }
    }

    /**
     * Keeps the names reserved until the service serves again, so that its twin is not affected. The wait is bounded,
     * because the service may be blocked by another fault.
     */
    private void awaitRestarted(Fault fault) throws InterruptedException {
        var part = fault.restarted();
        if (part.isPresent()) {
            var _ = site.probe().awaitHealthy(part.get(), SERVES);
        }
    }

    private Semaphore permit(String name) {
        return owned.computeIfAbsent(name, _ -> new Semaphore(1, true));
    }

    private void happen(Step step) throws InterruptedException {
        listener.begins(step.fault());
        try {
            var heal = step.fault().begin(site);
            try {
                if (!(step.fault() instanceof Fault.RollingRestart)) Thread.sleep(step.lasts());
            } finally {
                var interrupted = Thread.interrupted(); // healing may have to block
                heal.heal();
                if (interrupted) Thread.currentThread().interrupt();
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) { // any exception: other faults continue, and the run counts as failed
            problems.add(step.toString().strip() + ": " + e);
        } finally {
            listener.ends(step.fault());
        }
    }
}
