package io.rejoin.contracts;

import java.util.regex.Pattern;

/**
 * The topics of one installation, by name. Each begins with the installation's prefix, and so does what else it names in Kafka,
 * so that several installations can share one Kafka without meeting.
 *
 * @param prefix such as {@code team-a.}; empty for none
 */
public record TopicNames(String prefix) {
    /** What Kafka allows in the name of a topic, which may have 249 letters: the longest of ours takes 19 of them. */
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,200}");

    /** Without a prefix: {@code rejoin.commands} and so on. */
    public static final TopicNames PLAIN = new TopicNames("");

    public TopicNames {
        if (!isPrefix(prefix)) throw new IllegalArgumentException("no prefix of topics: " + prefix);
    }

    /** Whether names of topics may begin so. */
    public static boolean isPrefix(String prefix) {
        return PREFIX.matcher(prefix).matches();
    }

    /** Intents, from edges and routers; key = room; LogAppendTime. */
    public String commands() {
        return prefixed("rejoin.commands");
    }

    /** Facts, as CloudEvents; key = room; the analysts' contract. */
    public String events() {
        return prefixed("rejoin.events");
    }

    /** Router state, written by checkpoints; compacted; partitioned as the commands are. */
    public String state() {
        return prefixed("rejoin.state");
    }

    /** Heartbeats of edges, key = edge id; beats of routers; orders to edges. Compacted. */
    public String edges() {
        return prefixed("rejoin.edges");
    }

    /**
     * Records that could not be read: original key and bytes, with where from and why in headers. And messages that were not
     * confirmed in time: the event that says so, with its own headers and these.
     */
    public String deadLetters() {
        return prefixed("rejoin.dead-letters");
    }

    /** What the installation calls something else in Kafka: a group of consumers, the id of a transactional producer. */
    public String prefixed(String name) {
        return prefix + name;
    }
}
