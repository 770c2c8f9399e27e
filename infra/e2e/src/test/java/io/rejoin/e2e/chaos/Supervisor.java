package io.rejoin.e2e.chaos;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Restarts a service that ended by itself, as any platform does, and keeps notes for the report. */
final class Supervisor {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Site site;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final Set<Part> down = EnumSet.noneOf(Part.class);
    private final long began = System.nanoTime();
    private @Nullable Thread thread;

    Supervisor(Site site) {
        this.site = site;
    }

    void begin() {
        thread = Thread.ofVirtual().name("supervisor").start(this::run);
    }

    synchronized void mayBeDown(Part part) {
        down.add(part);
    }

    synchronized void shouldRun(Part part) {
        down.remove(part);
    }

    void note(String text) {
        notes.add(Duration.ofNanos(System.nanoTime() - began).toSeconds() + " s: " + text);
    }

    /** Notes about events that no fault intended. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(LOOK);
                Part.SERVICES.forEach(this::look);
            }
        } catch (InterruptedException _) {
            // ended
        }
    }

    private synchronized void look(Part part) {
        if (down.contains(part) || site.isAlive(part)) return;
        var lines = site.service(part).tail().lines().toList();
        note(part.label() + " ended unexpectedly and was restarted; its last output: "
                + String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size())));
        site.service(part).restart(Map.of());
    }

    void end() throws InterruptedException {
        if (thread == null) return;
        thread.interrupt();
        thread.join();
    }
}
