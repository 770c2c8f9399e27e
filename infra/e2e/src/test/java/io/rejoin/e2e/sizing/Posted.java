package io.rejoin.e2e.sizing;

/** Resources that a number of posts used. */
record Posted(Reading used, double posts) {
    /** Microseconds of CPU time for each post, beyond the part's idle CPU time. */
    double micros(Part part, Reading idle) {
        return used.microsBeyond(part, idle) / posts;
    }

    /** Bytes of a topic for each post. */
    double bytes(String topic) {
        return used.bytes(topic) / posts;
    }
}
