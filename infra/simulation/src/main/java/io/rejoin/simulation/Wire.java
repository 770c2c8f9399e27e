package io.rejoin.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Requests in flight whose sender no longer waits for an answer. Each may still be carried out late, or be lost. */
final class Wire {
    private final List<Runnable> requests = new ArrayList<>();

    void add(Runnable request) {
        requests.add(request);
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }

    /** Carries out a random request; false when there is none. */
    boolean land(RandomGenerator random) {
        if (requests.isEmpty()) return false;
        requests.remove(random.nextInt(requests.size())).run();
        return true;
    }

    /** Drops a random request; false when there is none. */
    boolean lose(RandomGenerator random) {
        if (requests.isEmpty()) return false;
        requests.remove(random.nextInt(requests.size()));
        return true;
    }
}
