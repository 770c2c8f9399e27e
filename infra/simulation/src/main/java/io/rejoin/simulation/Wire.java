package io.rejoin.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Requests whose sender no longer waits for them: each may still be carried out, late, or be lost. */
final class Wire {
    private final List<Runnable> requests = new ArrayList<>();

    void add(Runnable request) {
        requests.add(request);
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }

    /** One of them arrives; false when there is none. */
    boolean land(RandomGenerator random) {
        if (requests.isEmpty()) return false;
        requests.remove(random.nextInt(requests.size())).run();
        return true;
    }

    /** One of them is lost; false when there is none. */
    boolean lose(RandomGenerator random) {
        if (requests.isEmpty()) return false;
        requests.remove(random.nextInt(requests.size()));
        return true;
    }
}
