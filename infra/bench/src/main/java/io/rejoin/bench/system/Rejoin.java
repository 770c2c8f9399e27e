package io.rejoin.bench.system;

import java.io.IOException;
import java.nio.file.Path;

/** Rejoin itself: a Kafka broker, PostgreSQL, edges, routers and one history service. */
public record Rejoin(String name, int edges, int routers) implements Candidate {
    @Override
    public String description() {
        return "Rejoin: %s, %s, history, Kafka, PostgreSQL; an ack comes after Kafka has the message"
                .formatted(count(edges, "edge"), count(routers, "router"));
    }

    private static String count(int number, String what) {
        return number == 1 ? "1 " + what : number + " " + what + "s";
    }

    @Override
    public boolean isOurs() {
        return true;
    }

    @Override
    public boolean resumes() {
        return true;
    }

    @Override
    public Deployment start(Path folder) throws IOException {
        return new RejoinDeployment(this, folder);
    }
}
