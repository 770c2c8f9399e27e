package io.rejoin.e2e.sizing;

/** What so many posts took. */
record Posted(Reading used, double posts) {
    /** Microseconds of CPU time for each, beyond what is taken anyway. */
    double micros(Part part, Reading idle) {
        return used.microsBeyond(part, idle) / posts;
    }

    /** Of a topic, for each. */
    double bytes(String topic) {
        return used.bytes(topic) / posts;
    }
}
